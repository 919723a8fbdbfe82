"""Campaigns and automations that need a segment, and the campaigns that rules may name."""

from barbershop import uses
from barbershop.uses import Use
from campaigns import rule_uses
from campaigns.models import AutomationStep, CampaignDefinition, CampaignSegment
from customers.models import CustomerSegment
from customers.segments import inputs
from customers.segments.uses import SEGMENT, naming

HOW = {
    CampaignSegment.Mode.INCLUDE: "is for those in it",
    CampaignSegment.Mode.EXCLUDE: "leaves out those in it",
}
IN_VARIATION = "has other words for those in it"


def register() -> None:
    uses.register(CustomerSegment, find)
    rule_uses.register()
    inputs.offer_choices("campaign", campaigns)


def campaigns(shop) -> list[tuple[int, str]]:
    """Newest first."""
    return list(CampaignDefinition.objects.for_shop(shop).values_list("pk", "name"))


def find(segment: CustomerSegment) -> list[Use]:
    """Every campaign that uses the segment in any way, then the automations that run those."""
    asking = rule_uses.asking(segment.shop, naming(segment, SEGMENT), in_variation=IN_VARIATION)
    how = _linked(segment) | asking
    campaigns = CampaignDefinition.objects.for_shop(segment.shop).filter(pk__in=how)
    steps = AutomationStep.objects.for_shop(segment.shop).filter(
        definition__in=how, retired_at=None
    )
    automations = {step.automation for step in steps.select_related("automation")}
    return [
        *(Use("campaign", each.pk, each.name, how[each.pk]) for each in campaigns),
        *(
            Use("automation", each.pk, each.name, "runs such a campaign")
            for each in sorted(automations, key=lambda each: each.name)
        ),
    ]


def _linked(segment: CustomerSegment) -> dict[int, str]:
    links = CampaignSegment.objects.for_shop(segment.shop).filter(segment=segment)
    return {link.definition_id: HOW[link.mode] for link in links}
