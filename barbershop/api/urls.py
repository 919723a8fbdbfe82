from barbershop.api.catalog import BarberViewSet, ServiceViewSet
from barbershop.api.openings import OpeningViewSet
from barbershop.api.routers import ApiRouter

router = ApiRouter()
router.register("barbers", BarberViewSet, basename="barber")
router.register("openings", OpeningViewSet, basename="opening")
router.register("services", ServiceViewSet, basename="service")

urlpatterns = router.urls
