"""Drafts whose words are changed on their page."""

from barbershop.models import AuditEntry
from campaigns.models import CampaignDefinition, CampaignVariant
from campaigns.tests.factories import DefinitionFactory

BLOCKS = [{"type": "text", "text": "Come in."}, {"type": "divider"}]
CHANNELS = {
    "email": {"subject": "Spring is here", "blocks": BLOCKS},
    "sms": {"message": "Spring at {{ shop_name }}!"},
}
SPANISH = {
    "name": "Spanish / México",
    "criteria": {"language": "es"},
    "channels": {"sms": {"message": "¡Primavera!", "personalization": True}},
}
FRENCH = {
    "name": "French",
    "criteria": {"language": "fr"},
    "channels": {
        "email": {"subject": "Le printemps", "message": "Venez.", "personalization": True}
    },
}
FORM = {
    "subject": "May is here",
    "block-0-type": "text",
    "block-0-text": "Hello {{ customer_first_name }}",
    "sms": "May at {{ shop_name }}!",
    "do": "save",
}


def make(
    shop, *, arms=("A",), variations=(SPANISH, FRENCH), channels=CHANNELS, **fields
) -> CampaignDefinition:
    """By email and text, with other words for two languages in every arm."""
    fields = {"campaign_type": "multi", "name": "Spring"} | fields
    made = DefinitionFactory(shop=shop, channels=channels, **fields)
    made.variants.update(variations=list(variations))
    for label in arms[1:]:
        CampaignVariant.objects.create(
            shop=shop, definition=made, label=label, channels=channels, variations=list(variations)
        )
    return made


def at(draft) -> str:
    """The page of its words."""
    return f"/campaigns/{draft.pk}/words/"


def seen(client, address: str) -> str:
    """What says with which words one has begun."""
    return client.get(address).context["seen"]


def stored(draft, label="A") -> CampaignVariant:
    return draft.variants.get(label=label)


def wrong(answer) -> list[str]:
    """The places of all that the page complains of."""
    return [*answer.context["form"].errors, *(a for a, _ in answer.context["problems"])]


def edits(shop) -> int:
    return AuditEntry.objects.for_shop(shop).filter(action="campaign.edit").count()
