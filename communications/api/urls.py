from barbershop.api.routers import ApiRouter
from communications.api.replies import OptOutViewSet, ReplyViewSet
from communications.api.viewsets import CommunicationViewSet, SuppressionViewSet

router = ApiRouter()
router.register("communications", CommunicationViewSet, basename="communication")
router.register("suppressions", SuppressionViewSet, basename="suppression")
router.register("replies", ReplyViewSet, basename="reply")
router.register("customers", OptOutViewSet, basename="customer-of-messages")

urlpatterns = router.urls
