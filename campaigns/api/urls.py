from django.urls import re_path

from barbershop.api.routers import ApiRouter
from campaigns.api.budgets import BudgetViewSet
from campaigns.api.executions import ExecutionViewSet
from campaigns.api.offers import OfferCodeViewSet, OfferViewSet
from campaigns.api.own_templates import OwnTemplateViewSet
from campaigns.api.passport import PassportViewSet
from campaigns.api.preview import LintViewSet, PreviewViewSet
from campaigns.api.referrals import ReferralViewSet
from campaigns.api.responses import ResponseViewSet
from campaigns.api.viewsets import CampaignViewSet

router = ApiRouter()
router.register("budgets", BudgetViewSet, basename="budget")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("executions", ExecutionViewSet, basename="execution")
router.register("offers", OfferViewSet, basename="offer")
router.register("offers/codes", OfferCodeViewSet, basename="offer-code")
router.register("referrals", ReferralViewSet, basename="referral")

router.register("responses", ResponseViewSet, basename="response")
router.register("templates", OwnTemplateViewSet, basename="template")

# The same views under the literal paths that other systems already call.
urlpatterns = [
    re_path(
        r"^campaigns/create/?$", CampaignViewSet.as_view({"post": "create"}), name="campaign-create"
    ),
    re_path(
        r"^campaigns/list/?$", CampaignViewSet.as_view({"get": "list"}), name="campaign-listing"
    ),
    re_path(
        r"^customers/(?P<pk>[0-9]+)/passport/?$",
        # Said here: ``as_view`` forgets what the class says.
        PassportViewSet.as_view({"get": "retrieve"}, detail=True),
        name="customer-passport-api",
    ),
    re_path(
        r"^campaigns/(?P<pk>[0-9]+)/preview/?$",
        PreviewViewSet.as_view({"get": "retrieve"}, detail=True),
        name="campaign-preview-api",
    ),
    re_path(
        r"^campaigns/(?P<pk>[0-9]+)/lint/?$",
        LintViewSet.as_view({"get": "retrieve"}, detail=True),
        name="campaign-lint-api",
    ),
    *router.urls,
]
