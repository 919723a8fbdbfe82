"""Campaigns and automations that need a segment, and the campaigns that rules may name."""

from campaigns.models import (
    AutomationStep,
    CampaignDefinition,
    CampaignSegment,
    CampaignVariant,
)
from customers.models import CustomerSegment
from customers.segments import inputs, uses
from customers.segments.uses import Use

HOW = {
    CampaignSegment.Mode.INCLUDE: "is for those in it",
    CampaignSegment.Mode.EXCLUDE: "leaves out those in it",
}
IN_RULE = "asks for it in its rules"
IN_VARIATION = "has other words for those in it"


def register() -> None:
    uses.register(find)
    inputs.offer_choices("campaign", campaigns)


def campaigns(shop) -> list[tuple[int, str]]:
    """Newest first."""
    return list(CampaignDefinition.objects.for_shop(shop).values_list("pk", "name"))


def find(segment: CustomerSegment) -> list[Use]:
    """Every campaign that uses the segment in any way, then the automations that run those."""
    how = _linked(segment) | _asking(segment)
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


def _asking(segment: CustomerSegment) -> dict[int, str]:
    """Campaigns whose own rules, or those of a variation, name the segment."""
    variants = CampaignVariant.objects.for_shop(segment.shop).exclude(variations=[])
    found = {
        variant.definition_id: IN_VARIATION
        for variant in variants.only("definition", "variations")
        if segment.pk in uses.mentions([each.get("criteria") for each in variant.variations])
    }
    rules = CampaignDefinition.objects.for_shop(segment.shop).exclude(target_criteria={})
    for pk, raw in rules.values_list("pk", "target_criteria"):
        if segment.pk in uses.mentions(raw):
            found[pk] = IN_RULE
    return found
