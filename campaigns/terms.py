"""What a campaign's settings mean for the rules that every message passes."""

from campaigns.models import CampaignDefinition
from communications.compliance import Terms
from communications.models import Dispatch

Category = CampaignDefinition.Category

# A birthday is once a year and a welcome once in a life: the shop's own cap is not about them.
CAP_EXEMPT = frozenset({Category.BIRTHDAY, Category.WELCOME})


def of(definition: CampaignDefinition) -> Terms:
    return Terms(
        kind=Dispatch.Kind.MARKETING,
        is_cap_exempt=definition.category in CAP_EXEMPT,
        excludes_booked=definition.excludes_booked,
        excludes_visited_days=definition.excludes_visited_days,
    )
