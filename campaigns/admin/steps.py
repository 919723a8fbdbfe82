"""Execute, pause, resume, cancel: what each would do, asked before, and the verb that does it."""

from functools import partial

from django.utils import timezone

from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from campaigns import execution, progress, readiness, waterfall
from campaigns.controls import IN_MOTION
from campaigns.models import CampaignDefinition, CampaignExecution
from campaigns.refusals import Conflict, Refused
from campaigns.views import UNDO_SECONDS, consequences_of

Run = CampaignExecution.Status

# From which states of a run each verb leads anywhere.
POSSIBLE = {
    "pause": IN_MOTION,
    "resume": frozenset({Run.PAUSED}),
    "cancel": IN_MOTION | {Run.PAUSED},
}


def execute(model_admin, request, definitions):
    step = Step(
        action="execute",
        question="Execute these campaigns?",
        label="Send now",
        foresee=foresee_execution,
        act=lambda definition, by: execution.start(definition, by=by, undo_seconds=UNDO_SECONDS),
        done=f"has been started; the first message goes in {UNDO_SECONDS} seconds",
        may=model_admin.has_send_permission,
        refusals=Refused,
    )
    return ask_then_act(model_admin, request, definitions, step)


def control(model_admin, request, rows, *, verb: str, may):
    """Pause, resume or cancel the newest run of each campaign, or each of the given runs."""
    act = {"pause": execution.pause, "resume": execution.resume, "cancel": execution.cancel}[verb]
    done = {"pause": "is paused", "resume": "goes on", "cancel": "is cancelled"}[verb]
    step = Step(
        action=verb,
        question=f"{verb.capitalize()} these campaigns?",
        label=f"{verb.capitalize()} now",
        danger=verb == "cancel",
        foresee=partial(foresee_control, verb=verb),
        act=lambda row, by: act(_run_of(row), by=by),
        done=done,
        may=may,
        refusals=Refused,
    )
    return ask_then_act(model_admin, request, rows, step)


def foresee_execution(definition: CampaignDefinition) -> Consequence:
    """Who matches, who will receive, who is blocked and why, and about what it costs."""
    if not definition.is_editable:
        return Consequence(blocker=f"It is {definition.status}: duplicate it to send it again.")
    now = timezone.now()
    try:
        readiness.check(definition, now=now)
        foreseen = waterfall.forecast(definition, now=now)
    except Refused as refused:
        return Consequence(blocker=refused.message)
    if not foreseen.will_receive:
        return Consequence(consequences_of(foreseen), blocker="Nobody may be written to.")
    return Consequence(consequences_of(foreseen))


def foresee_control(row, *, verb: str) -> Consequence:
    try:
        run = _run_of(row)
    except Refused as refused:
        return Consequence(blocker=refused.message)
    if run.current_status not in POSSIBLE[verb]:
        return Consequence(blocker=f"It is {run.current_status}: there is nothing to {verb}.")
    counts = progress.count([run])[run.pk]
    waiting = {
        "pause": "messages wait until somebody resumes",
        "resume": "messages will be sent",
        "cancel": "messages will never be sent",
    }[verb]
    return Consequence(
        [
            (f"{counts.sent:,} of {counts.audience:,}", "messages have been sent"),
            (f"{counts.pending:,}", waiting),
        ]
    )


def _run_of(row) -> CampaignExecution:
    """The run meant by a row of either list.

    Raises:
        Refused: ``not_executed``.
    """
    if isinstance(row, CampaignExecution):
        return row
    run = progress.current_execution(row)
    if run is None:
        raise Conflict("not_executed", "It has not been executed yet.")
    return run
