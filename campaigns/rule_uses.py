"""Campaigns and templates that would miss a row which their rules name.

A campaign counts while it may still choose people; what has been sent is history and keeps nothing.
"""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q, Subquery

from barbershop import uses
from barbershop.models import Barber, Service
from barbershop.uses import Use
from campaigns.models import (
    AutomationStep,
    CampaignDefinition,
    CampaignExecution,
    CampaignTemplate,
    CampaignTemplateVersion,
    CampaignVariant,
)
from communications.models import Dispatch
from customers.segments.uses import BARBER, IN_RULES, SERVICE, naming, segments_naming

Status, State = CampaignDefinition.Status, Dispatch.State
CAMPAIGN = frozenset({"campaign"})
IN_VARIATION = "has other words for some, by rules that name it"
OVER = (State.DONE, State.CANCELLED, State.FAILED)


def register() -> None:
    for model, keys in ((Barber, BARBER), (Service, SERVICE), (CampaignDefinition, CAMPAIGN)):
        uses.register(model, lambda row, keys=keys: find(row, keys))
    uses.register(CampaignDefinition, lambda row: segments_naming(row, CAMPAIGN))


def find(row, keys: frozenset[str]) -> list[Use]:
    """Campaigns that may still choose people, then templates."""
    is_named = naming(row, keys)
    how = asking(row.shop, is_named, in_variation=IN_VARIATION)
    if isinstance(row, CampaignDefinition):
        how.pop(row.pk, None)
    campaigns = CampaignDefinition.objects.for_shop(row.shop).filter(_may_choose(), pk__in=how)
    return [
        *(Use("campaign", each.pk, each.name, how[each.pk]) for each in campaigns),
        *_templates(row.shop, is_named),
    ]


def asking(shop, is_named: Callable[[object], bool], *, in_variation: str) -> dict[int, str]:
    """Campaigns (ids) whose own rules, or those of a variation, name something, and how."""
    variants = CampaignVariant.objects.for_shop(shop).exclude(variations=[])
    found = {
        variant.definition_id: in_variation
        for variant in variants.only("definition", "variations")
        if is_named(_rules(variant.variations))
    }
    rules = CampaignDefinition.objects.for_shop(shop).exclude(target_criteria={})
    for pk, raw in rules.values_list("pk", "target_criteria"):
        if is_named(raw):
            found[pk] = IN_RULES
    return found


def _may_choose() -> Q:
    """Drafts, what starts by itself, what an automation runs, and whose audience is incomplete."""
    steps = AutomationStep.objects.filter(definition=OuterRef("pk"), retired_at=None)
    runs = CampaignExecution.objects.filter(definition=OuterRef("pk"), audience_complete_at=None)
    return (
        Q(status__in=(Status.DRAFT, Status.SCHEDULED))
        | Q(Exists(steps))
        | Q(Exists(runs.exclude(dispatch__state__in=OVER)))
    )


def _templates(shop, is_named: Callable[[object], bool]) -> list[Use]:
    """Templates that are not put away, by their newest version; older ones are history."""
    newest = CampaignTemplateVersion.objects.filter(template=OuterRef("template"))
    versions = (
        CampaignTemplateVersion.objects.for_shop(shop)
        .filter(template__archived_at=None)
        .filter(pk=Subquery(newest.order_by("-number").values("pk")[:1]))
        .select_related("template")
        .order_by("template__name")
    )
    found: list[tuple[CampaignTemplate, str]] = []
    for version in versions:
        if is_named(version.target_criteria):
            found.append((version.template, IN_RULES))
        elif is_named(_rules(version.variations)):
            found.append((version.template, IN_VARIATION))
    return [Use("template", template.pk, template.name, how) for template, how in found]


def _rules(variations: list) -> list:
    return [each.get("criteria") for each in variations]
