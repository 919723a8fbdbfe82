"""A template of a shop, with everything that one can say."""

from campaigns import template_versions
from campaigns.models import CampaignTemplate
from campaigns.template_versions import Said

BLOCKS = [
    {"type": "heading", "text": "Hello {{ customer_first_name }}"},
    {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
]
EMAIL = {"subject": "Spring is here", "blocks": BLOCKS, "preheader": "A look inside"}
SPANISH = {
    "name": "Spanish",
    "criteria": {"language": "es"},
    "channels": {"sms": {"message": "¡Ya!"}},
}


def make(shop, *, name="Spring", **said) -> CampaignTemplate:
    channels = {"email": EMAIL, "sms": {"message": "Spring!"}}
    return template_versions.create(
        shop=shop, name=name, said=Said(**({"channels": channels, "variations": [SPANISH]} | said))
    )
