"""Writing, changing, copying and throwing away a campaign before anybody has received it."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from barbershop import audit, uses
from barbershop.models import Barbershop
from campaigns import content, offers, readiness
from campaigns.models import (
    AutomationStep,
    CampaignDefinition,
    CampaignSegment,
    CampaignVariant,
)
from campaigns.refusals import Conflict, Refused, deleted

Status = CampaignDefinition.Status
Mode = CampaignSegment.Mode
COPIED = (
    "shop",
    "campaign_type",
    "category",
    "channel_policy",
    "target_criteria",
    "primary_goal",
    "holdout_percent",
    "excludes_booked",
    "excludes_visited_days",
    "offer",
    "budget_micros",
)
FIRST_ARM = "A"
KEPT = (
    "A campaign that has been executed cannot be deleted, even when nothing was sent: the record "
    "of it is kept."
)


def create(*, shop: Barbershop, fields: dict, by=None, token=None, now=None) -> CampaignDefinition:
    """A new campaign.

    Args:
        fields: columns of ``CampaignDefinition``, and ``channels`` (parsed content by channel)
            and ``variations`` (parsed) of its first arm, ``segments``, ``excluded_segments``
            (segments of this shop) and ``offer`` (a dict as ``offers.make`` takes it, or None).

    Raises:
        Refused: when it is scheduled and could not start; see ``readiness.check``.
    """
    now = now or timezone.now()
    fields = dict(fields)
    apart = _take_apart(fields)
    with transaction.atomic():
        definition = CampaignDefinition(shop=shop, created_by=by, **fields)
        _set_trigger(definition)
        _apply(definition, apart)
        _check_scheduled(definition, now=now)
        _record("campaign.create", definition, by=by, token=token, now=now)
    return definition


def edit(definition: CampaignDefinition, *, fields: dict, by=None, token=None, now=None):
    """Change a draft; ``fields`` as for ``create``, only what changes.

    A scheduled campaign can be changed by making it a draft in the same breath.

    Raises:
        Conflict: ``not_editable`` or ``deleted``.
        Refused: as for ``create``.
    """
    now = now or timezone.now()
    fields = dict(fields)
    apart = _take_apart(fields)
    with transaction.atomic():
        definition = _locked(definition)
        taken_back = definition.status == Status.SCHEDULED and fields.get("status") == Status.DRAFT
        if definition.status != Status.DRAFT and not taken_back:
            raise Conflict("not_editable", f"Only a draft can be changed; {state_of(definition)}")
        before = {name: _plain(getattr(definition, name)) for name in fields}
        for name, value in fields.items():
            setattr(definition, name, value)
        _set_trigger(definition)
        _apply(definition, apart)
        _check_scheduled(definition, now=now)
        _record("campaign.edit", definition, by=by, token=token, now=now, before=before)
    return definition


def schedule(definition, *, scheduled_for: dt.datetime, by=None, token=None, now=None):
    """Let a draft start by itself; a scheduled one may be moved.

    Raises:
        Conflict: ``not_editable`` or ``deleted``.
        Refused: when it could not start; see ``readiness.check``.
    """
    now = now or timezone.now()
    with transaction.atomic():
        won = CampaignDefinition.objects.filter(
            pk=definition.pk, status__in=[Status.DRAFT, Status.SCHEDULED]
        ).update(
            status=Status.SCHEDULED,
            trigger=CampaignDefinition.Trigger.SCHEDULED,
            scheduled_for=scheduled_for,
            updated_at=now,
        )
        definition = _locked(definition)
        if not won:
            raise Conflict("not_editable", f"Only a draft can be scheduled; {state_of(definition)}")
        _check_scheduled(definition, now=now)
        _record("campaign.schedule", definition, by=by, token=token, now=now)
    return definition


def clone(
    definition: CampaignDefinition, *, name: str = "", by=None, token=None, now=None
) -> CampaignDefinition:
    """A draft with the same content, audience and offer, "Copy of …" unless it is named."""
    copy = CampaignDefinition(
        name=(name or f"Copy of {definition.name}")[:160],
        created_by=by,
        **{name: getattr(definition, name) for name in COPIED},
    )
    with transaction.atomic():
        copy.save()
        CampaignVariant.objects.bulk_create(
            CampaignVariant(
                shop_id=copy.shop_id,
                definition=copy,
                label=variant.label,
                weight=variant.weight,
                channels=variant.channels,
                variations=variant.variations,
            )
            for variant in definition.variants.all()
        )
        CampaignSegment.objects.bulk_create(
            CampaignSegment(
                shop_id=copy.shop_id, definition=copy, segment_id=link.segment_id, mode=link.mode
            )
            for link in definition.campaign_segments.all()
        )
        _record("campaign.clone", copy, by=by, token=token, now=now)
    return copy


def delete(definition: CampaignDefinition, *, by=None, token=None, now=None) -> None:
    """Throw away a campaign that nobody has received.

    Raises:
        Conflict: ``already_executed``, ``run_by_automation``, ``in_use`` or ``deleted``.
    """
    with transaction.atomic():
        definition = _locked(definition)
        if definition.executions.exists():
            raise Conflict("already_executed", KEPT)
        if AutomationStep.objects.filter(definition=definition).exists():
            raise Conflict("run_by_automation", "An automation uses this campaign.")
        if used_by := uses.of(definition):
            raise Conflict("in_use", str(uses.InUse(definition, used_by)))
        _record("campaign.delete", definition, by=by, token=token, now=now)
        definition.delete()


def first_arm(definition: CampaignDefinition) -> CampaignVariant:
    """The arm whose words count as the campaign's own; not stored yet where it says nothing."""
    found = definition.variants.order_by("label").first()
    return found or CampaignVariant(
        shop=definition.shop, definition=definition, label=FIRST_ARM, channels={}
    )


def _locked(definition: CampaignDefinition) -> CampaignDefinition:
    found = CampaignDefinition.objects.select_for_update().filter(pk=definition.pk).first()
    if found is None:
        raise deleted()
    return found


def _check_scheduled(definition: CampaignDefinition, *, now: dt.datetime) -> None:
    """Say now what is known already; its audience may still come until it starts."""
    if definition.status != Status.SCHEDULED:
        return
    try:
        readiness.check(definition, now=now)
    except Refused as refused:
        if refused.code != "empty_audience":
            raise


def state_of(definition: CampaignDefinition) -> str:
    """The end of a sentence that refuses: which state is in the way, and the way out of it."""
    said = f"this campaign is {definition.status}."
    unschedule = ' PATCH {"status": "draft"} takes it off the schedule.'
    return said + unschedule if definition.status == Status.SCHEDULED else said


def _take_apart(fields: dict) -> dict:
    """What does not stand on the definition's own row."""
    names = ("channels", "variations", "segments", "excluded_segments", "offer")
    return {name: fields.pop(name) for name in names if name in fields}


def _apply(definition: CampaignDefinition, apart: dict) -> None:
    if "offer" in apart:
        offer = apart["offer"]
        definition.offer = offer and offers.make(
            shop=definition.shop, name=definition.name, said=offer
        )
    definition.save()
    if apart.keys() & {"channels", "variations"}:
        arm = first_arm(definition)
        if "channels" in apart:
            arm.channels = content.as_json(apart["channels"])
        if "variations" in apart:
            arm.variations = content.variations_as_json(apart["variations"])
        arm.save()
    for name, mode in (("segments", Mode.INCLUDE), ("excluded_segments", Mode.EXCLUDE)):
        if name in apart:
            definition.campaign_segments.filter(mode=mode).delete()
            CampaignSegment.objects.bulk_create(
                CampaignSegment(
                    shop_id=definition.shop_id, definition=definition, segment=segment, mode=mode
                )
                for segment in apart[name]
            )


def _set_trigger(definition: CampaignDefinition) -> None:
    is_scheduled = definition.status == Status.SCHEDULED
    trigger = CampaignDefinition.Trigger
    definition.trigger = trigger.SCHEDULED if is_scheduled else trigger.MANUAL


def _plain(value):
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _record(action, definition, *, by, token, now, before=None) -> None:
    audit.record(
        shop=definition.shop,
        action=action,
        by=by,
        token=token,
        target=definition,
        before=before,
        after={"name": definition.name, "status": definition.status},
        now=now,
    )
