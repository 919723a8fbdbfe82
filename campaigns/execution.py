"""Starting, stopping and going on with one run of a campaign.

Every verb wins its change by one conditional update: of two people who press the button at the
same time, one gets the run and the other a refusal. The audience is written by
``campaigns.materialising``, the messages are sent by ``communications.delivery``.
"""

import datetime as dt
import logging
from functools import partial

from django.db import transaction
from django.utils import timezone

from barbershop import audit
from campaigns import readiness, terms
from campaigns.materialising import run, run_waiting
from campaigns.models import MANUAL, AutomationStep, CampaignDefinition, CampaignExecution
from campaigns.planning import clone
from campaigns.refusals import Conflict, Refused, deleted
from communications import blocks, budgets, outbox, reputation
from communications.delivery import retry
from communications.models import Dispatch

__all__ = [
    "Conflict",
    "Refused",
    "cancel",
    "clone",
    "pause",
    "resume",
    "retry_failed",
    "run",
    "run_waiting",
    "start",
    "start_due",
]

logger = logging.getLogger(__name__)
Status = CampaignDefinition.Status
# A campaign that is later than this would arrive when nobody expects it any more.
AT_MOST_LATE = dt.timedelta(hours=2)


def start(
    definition: CampaignDefinition,
    *,
    by=None,
    token=None,
    undo_seconds: int = 0,
    now: dt.datetime | None = None,
) -> CampaignExecution:
    """Begin the one manual run of a campaign; nothing is sent within ``undo_seconds``.

    Raises:
        Conflict: ``already_executed``, ``run_by_automation``, ``archived`` or ``deleted``.
        Refused: as in ``readiness.check``. Nothing was changed then.
    """
    now = now or timezone.now()
    with transaction.atomic():
        won = CampaignDefinition.objects.filter(
            pk=definition.pk, status__in=[Status.DRAFT, Status.SCHEDULED]
        ).update(status=Status.ACTIVE, updated_at=now)
        if not won:
            raise _why_not(definition)
        definition.refresh_from_db()
        readiness.check(definition, now=now)
        execution = _open(definition, by=by, now=now, undo_seconds=undo_seconds)
        _record("campaign.start", execution, by=by, token=token, now=now)
        transaction.on_commit(partial(_hint, execution.pk))
    return execution


def start_due(*, now: dt.datetime | None = None) -> list[CampaignExecution]:
    """Start every scheduled campaign whose time has come.

    One that cannot start, or is later than ``AT_MOST_LATE``, goes back to being a draft and says
    why in the audit log (``campaign.not_started``, ``campaign.missed``): trying it every half
    minute for ever would not help it.
    """
    now = now or timezone.now()
    due = CampaignDefinition.objects.filter(status=Status.SCHEDULED, scheduled_for__lte=now)
    started = []
    for definition in list(due.select_related("shop", "offer", "created_by").order_by("pk")):
        try:
            run = _start_scheduled(definition, now=now)
        except Exception:  # one that cannot be started must not hold up everybody else's
            logger.exception("Campaign %s could not be started; it is tried again", definition.pk)
        else:
            started += [run] if run else []
    return started


def pause(
    execution: CampaignExecution, *, by=None, token=None, reason: str = "", now=None
) -> CampaignExecution:
    """Nothing new begins after this; what is already being called is answered.

    Raises:
        Conflict: ``not_running``, naming the status it has.
    """
    with transaction.atomic():
        won = outbox.pause(execution.dispatch, reason=reason or "paused by a person")
        execution = _again(execution)
        if not won:
            raise Conflict(
                "not_running", f"Only a running campaign can be paused; {_is(execution)}"
            )
        _record("campaign.pause", execution, by=by, token=token, now=now)
    return execution


def resume(execution: CampaignExecution, *, by=None, token=None, now=None) -> CampaignExecution:
    """Go on where it was paused: with writing the audience, or with sending.

    Raises:
        Conflict: ``not_paused``, naming the status it has.
    """
    with transaction.atomic():
        held = Dispatch.objects.select_for_update().get(pk=execution.dispatch_id)
        won = outbox.resume(held)
        execution = _again(execution)
        if not won:
            raise Conflict("not_paused", f"Only a paused campaign can be resumed; {_is(execution)}")
        if held.pause_cause == Dispatch.PauseCause.REPUTATION:
            reputation.note_read(execution.dispatch, by=by, token=token, now=now)
        _record("campaign.resume", execution, by=by, token=token, now=now)
        transaction.on_commit(partial(_hint, execution.pk))
    return execution


def cancel(execution: CampaignExecution, *, by=None, token=None, now=None) -> CampaignExecution:
    """What has not begun will never be sent.

    Raises:
        Conflict: ``already_over``, naming the status it has.
    """
    with transaction.atomic():
        won = outbox.cancel(execution.dispatch, now=now)
        execution = _again(execution)
        if not won:
            raise Conflict("already_over", f"There is nothing left to cancel; {_is(execution)}")
        _record("campaign.cancel", execution, by=by, token=token, now=now)
    return execution


def retry_failed(
    execution: CampaignExecution, *, by=None, token=None, now: dt.datetime | None = None
) -> CampaignExecution:
    """Send again what was rejected, could not be rendered or counts as not sent.

    What was accepted and what is unknown stays as it is; every message passes the gate again.

    Raises:
        Conflict: ``nothing_failed`` or ``cancelled``.
    """
    with transaction.atomic():
        count = retry.retry_failed(execution.dispatch, by=by, now=now)
        execution = _again(execution)
        if not count and execution.dispatch.state == Dispatch.State.CANCELLED:
            raise Conflict("cancelled", "The campaign is cancelled: clone it to send it.")
        if not count:
            raise Conflict("nothing_failed", "No message of this campaign has failed.")
        _record("campaign.retry", execution, by=by, token=token, now=now, messages=count)
        transaction.on_commit(partial(_hint, execution.pk))
    return execution


def _open(definition, *, by, now, undo_seconds) -> CampaignExecution:
    """The dispatch with its immutable contents, and the execution that points to it."""
    dispatch = outbox.open_dispatch(
        shop=definition.shop,
        kind=Dispatch.Kind.MARKETING,
        by=by,
        starts_at=now + dt.timedelta(seconds=undo_seconds),
        budget=budgets.open_for(shop=definition.shop, limit_micros=definition.budget_micros),
        terms=terms.of(definition),
    )
    for variant, channels in readiness.contents(definition):
        _store(dispatch, variant.label, channels)
        for variation in readiness.variations_of(variant, campaign_type=definition.campaign_type):
            _store(dispatch, variant.label, variation.channels, variation=variation.name)
    if reputation.hold(dispatch, now=now):
        dispatch.refresh_from_db()
    return CampaignExecution.objects.create(
        shop=definition.shop,
        definition=definition,
        dispatch=dispatch,
        occurrence_key=MANUAL,
        started_by=by,
        started_at=now,
    )


def _store(dispatch, label: str, channels: dict, *, variation: str = "") -> None:
    """What an arm says, as it is now and with the branding of now."""
    for part in channels.values():
        outbox.add_content(
            dispatch=dispatch,
            channel=part.channel,
            subject=part.subject,
            text=part.message,
            html=blocks.source(shop=dispatch.shop, kind=dispatch.kind, content=part),
            variant_label=label,
            variation=variation,
        )


def _start_scheduled(definition, *, now) -> CampaignExecution | None:
    late = now - definition.scheduled_for
    if late > AT_MOST_LATE:
        hours = int(late.total_seconds() // 3600)
        why = f"Its time had passed {hours} hours before it could start; nothing was sent."
        _take_back(definition, "campaign.missed", why, now=now)
        return None
    try:
        return start(definition, by=definition.created_by, now=now)
    except Conflict:
        return None  # somebody else started or cancelled it in this very moment
    except Refused as refused:
        _take_back(definition, "campaign.not_started", refused.message, now=now)
        return None


def _take_back(definition, action: str, why: str, *, now) -> None:
    """Make a draft of a scheduled campaign; ``scheduled_for`` stays and says which time it was."""
    with transaction.atomic():
        won = CampaignDefinition.objects.filter(pk=definition.pk, status=Status.SCHEDULED).update(
            status=Status.DRAFT, trigger=CampaignDefinition.Trigger.MANUAL, updated_at=now
        )
        if not won:
            return  # somebody else started or cancelled it in this very moment
        audit.record(
            shop=definition.shop,
            action=action,
            target=definition,
            after={
                "status": Status.DRAFT,
                "reason": why,
                "scheduled_for": definition.scheduled_for.isoformat(),
            },
            now=now,
        )
    logger.warning("Campaign %s is a draft again: %s", definition.pk, why)


def _why_not(definition) -> Conflict:
    definition = CampaignDefinition.objects.filter(pk=definition.pk).first()
    if definition is None:
        return deleted()
    if definition.status == Status.ARCHIVED:
        return Conflict("archived", "The campaign is archived: clone it instead.")
    if AutomationStep.objects.filter(definition=definition).exists():
        return Conflict(
            "run_by_automation", "An automation runs this campaign: clone it to send it by hand."
        )
    return Conflict("already_executed", "The campaign has been executed already: clone it instead.")


def _again(execution) -> CampaignExecution:
    return CampaignExecution.objects.select_related("dispatch", "definition", "shop").get(
        pk=execution.pk
    )


def _is(execution) -> str:
    return f"this one is {execution.current_status}."


def _record(action, execution, *, by, token, now, **more) -> None:
    audit.record(
        shop=execution.shop,
        action=action,
        by=by,
        token=token,
        target=execution.definition,
        after={"execution": execution.pk, "status": execution.current_status, **more},
        now=now,
    )


def _hint(execution_id: int) -> None:
    from campaigns import tasks

    tasks.hint(tasks.run_execution, execution_id)
