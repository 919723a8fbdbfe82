"""Setting up the rules that start campaigns by themselves: welcome, birthday, win-back.

Setting up again updates what is there: texts that the owner has changed since stay as they are,
only times, discounts and switches follow the request. Active means from now on; nobody is written
to for something that happened before.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from barbershop import audit
from barbershop.models import Barbershop
from campaigns import offers
from campaigns.library import BLUEPRINTS
from campaigns.models import (
    Automation,
    AutomationStep,
    CampaignDefinition,
    CampaignVariant,
    Offer,
)

Kind = Automation.Kind
Trigger = CampaignDefinition.Trigger

TRIGGERS = {
    Kind.WELCOME: Trigger.LIFECYCLE,
    Kind.BIRTHDAY: Trigger.LIFECYCLE,
    Kind.WIN_BACK: Trigger.BEHAVIORAL,
}
# A share is held out to see what a rule really causes; nobody is left without birthday wishes.
HOLDOUT_PERCENT = {Kind.WELCOME: 10, Kind.BIRTHDAY: 0, Kind.WIN_BACK: 10}


@dataclass(frozen=True)
class Rule:
    """What one automation shall be.

    Attributes:
        schedule: days after the trigger, one per message, in order.
        trigger_days: win-back: days without a visit.
    """

    kind: str
    schedule: tuple[int, ...] = (0,)
    trigger_days: int | None = None
    discount_percent: int | None = None
    valid_days: int | None = None
    criteria: dict = field(default_factory=dict)


def most_steps(kind: str) -> int:
    """How many messages the library has for this kind."""
    return len(BLUEPRINTS[kind].steps)


def setup(
    *,
    shop: Barbershop,
    rules: list[Rule],
    active: bool = True,
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> list[Automation]:
    """Create or update one automation per rule. Harmless to repeat."""
    now = now or timezone.now()
    with transaction.atomic():
        automations = [_set_up(shop, rule, active=active, by=by, now=now) for rule in rules]
        for automation in automations:
            audit.record(
                shop=shop,
                action="automation.setup",
                by=by,
                token=token,
                target=automation,
                after={"kind": automation.kind, "active": automation.is_active},
                now=now,
            )
    return automations


def _set_up(shop, rule: Rule, *, active, by, now) -> Automation:
    blueprint = BLUEPRINTS[rule.kind]
    Automation.objects.get_or_create(
        shop=shop,
        kind=rule.kind,
        defaults={"name": blueprint.name, "holdout_percent": HOLDOUT_PERCENT[rule.kind]},
    )
    # Locked: two set-ups at once would both find a step missing.
    automation = Automation.objects.select_for_update().get(shop=shop, kind=rule.kind)
    automation.active_from = (automation.active_from or now) if active else None
    automation.trigger_days = rule.trigger_days
    automation.discount_percent = rule.discount_percent
    automation.valid_days = rule.valid_days
    automation.save()
    offer = _offer(automation)
    for position, days in enumerate(rule.schedule):
        _set_step(automation, position, days, rule=rule, offer=offer, by=by)
    automation.steps.filter(position__gte=len(rule.schedule), retired_at=None).update(
        retired_at=now
    )
    return automation


def _set_step(automation, position, days, *, rule, offer, by) -> None:
    step = automation.steps.select_related("definition").filter(position=position).first()
    if step is None:
        definition = _definition(automation, position, rule=rule, offer=offer, by=by)
        AutomationStep.objects.create(
            shop=automation.shop,
            automation=automation,
            position=position,
            delay_days=days,
            definition=definition,
        )
        return
    step.delay_days, step.retired_at = days, None
    step.save()
    step.definition.offer = offer
    step.definition.target_criteria = rule.criteria
    step.definition.save(update_fields=["offer", "target_criteria", "updated_at"])


def _definition(automation, position, *, rule, offer, by) -> CampaignDefinition:
    blueprint = BLUEPRINTS[rule.kind]
    step = blueprint.steps[position]
    definition = CampaignDefinition.objects.create(
        shop=automation.shop,
        name=blueprint.name
        if len(blueprint.steps) == 1
        else f"{blueprint.name} {position + 1}: {step.name}",
        campaign_type=step.campaign_type,
        category=blueprint.category,
        trigger=TRIGGERS[rule.kind],
        target_criteria=rule.criteria,
        primary_goal=blueprint.primary_goal,
        status=CampaignDefinition.Status.ACTIVE,
        holdout_percent=automation.holdout_percent,
        offer=offer,
        created_by=by,
    )
    CampaignVariant.objects.create(
        shop=automation.shop,
        definition=definition,
        channels=step.channels,
        variations=list(step.variations),
    )
    return definition


def _offer(automation) -> Offer | None:
    """The offer as it is now; one that says something else stays with what was sent under it."""
    if not automation.discount_percent:
        return None
    same = Offer.objects.for_shop(automation.shop).filter(
        name=automation.name,
        kind=Offer.Kind.PERCENT,
        value=automation.discount_percent,
        valid_days=automation.valid_days,
    )
    return same.first() or offers.percent(
        shop=automation.shop,
        name=automation.name,
        discount=automation.discount_percent,
        valid_days=automation.valid_days,
    )
