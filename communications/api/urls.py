from barbershop.api.routers import ApiRouter
from communications.api.viewsets import CommunicationViewSet, SuppressionViewSet

router = ApiRouter()
router.register("communications", CommunicationViewSet, basename="communication")
router.register("suppressions", SuppressionViewSet, basename="suppression")

urlpatterns = router.urls
