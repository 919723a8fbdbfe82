"""Campaigns that wait for somebody to press the button."""

from campaigns import content, planning
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition

TEXT_CLUB = "text club"

SUMMER = {
    "name": "Summer Special 2024",
    "campaign_type": "email",
    "category": "promotional",
    "primary_goal": "increase_bookings",
    "target_criteria": {"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"},
    "channels": {
        "email": {
            "subject": "Beat the heat with 20% off!",
            "message": (
                "Hi {{customer_first_name}}, stay cool this summer...\n\n"
                "Book your chair: {{booking_link}}"
            ),
            "personalization": True,
        }
    },
}
TEXTS = {
    "name": "Text club: a quiet afternoon",
    "campaign_type": "sms",
    "category": "promotional",
    "primary_goal": "fill_slow_days",
    "target_criteria": {"tags": [TEXT_CLUB], "last_visit_days": {"min": 21, "max": 120}},
    "channels": {
        "sms": {
            "message": (
                "Hi {{customer_first_name}}, quiet afternoons at {{shop_name}} this week: "
                "{{booking_link}} Reply STOP to opt out"
            ),
            "personalization": True,
        }
    },
}


def prepare(shop, *, by=None) -> list[CampaignDefinition]:
    """An email that may be sent at any hour, texts to those who agreed, and a library one."""
    return [_draft(shop, fields, by=by) for fields in (_of_the_library("vip"), TEXTS, SUMMER)]


def _draft(shop, fields: dict, *, by) -> CampaignDefinition:
    kind = fields["campaign_type"]
    said = {"channels": content.parse(fields["channels"], campaign_type=kind)}
    if "variations" in fields:
        said["variations"] = content.parse_variations(fields["variations"], campaign_type=kind)
    return planning.create(shop=shop, fields={**fields, **said}, by=by)


def _of_the_library(key: str) -> dict:
    blueprint = BLUEPRINTS[key]
    step = blueprint.steps[0]
    return {
        "name": blueprint.name,
        "campaign_type": step.campaign_type,
        "category": blueprint.category,
        "primary_goal": blueprint.primary_goal,
        "target_criteria": blueprint.criteria,
        "channels": step.channels,
        "variations": list(step.variations),
        "offer": blueprint.discount_percent
        and {
            "discount_percentage": blueprint.discount_percent,
            "valid_days": blueprint.valid_days,
        },
    }
