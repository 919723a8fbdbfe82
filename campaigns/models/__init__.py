from campaigns.models.automation import Automation, AutomationEnrollment, AutomationStep
from campaigns.models.definition import CampaignDefinition, CampaignSegment
from campaigns.models.execution import MANUAL, CampaignExecution
from campaigns.models.offer import Offer, OfferCode, Referral
from campaigns.models.response import CampaignResponse
from campaigns.models.template import CampaignTemplate, CampaignTemplateVersion
from campaigns.models.variant import CampaignVariant

__all__ = [
    "MANUAL",
    "Automation",
    "AutomationEnrollment",
    "AutomationStep",
    "CampaignDefinition",
    "CampaignExecution",
    "CampaignResponse",
    "CampaignSegment",
    "CampaignTemplate",
    "CampaignTemplateVersion",
    "CampaignVariant",
    "Offer",
    "OfferCode",
    "Referral",
]
