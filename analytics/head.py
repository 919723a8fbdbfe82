"""The head of a campaign's pages: its state, the undo window, how far it is, its buttons."""

import datetime as dt

from campaigns.controls import IN_MOTION, OVER, controls
from campaigns.models import AutomationStep

# Reports of what was sent arrive for a while: the page asks now and then, no longer every 5 s.
SETTLING = dt.timedelta(minutes=15)


def head_of(definition, run, counts, *, rights, now: dt.datetime) -> dict:
    """What ``_live_head.html`` shows; ``run`` and ``counts`` are None before the first run."""
    state = run.current_status if run else definition.status
    return {
        "definition": definition,
        "run": run,
        "state": state,
        "counts": counts,
        "handled": counts and counts.audience - counts.pending,
        "progress_state": _progress_state(state),
        "undo_until": _undo_until(run, now),
        "undo_seconds": _undo_seconds(run, now),
        "is_moving": state in IN_MOTION,
        "is_settling": _is_settling(run, now),
        "controls": controls(
            definition.status,
            run and state,
            rights=rights,
            automated=AutomationStep.objects.filter(definition=definition).exists(),
        ),
    }


def _progress_state(state: str) -> str:
    if state in IN_MOTION:
        return "running"
    return {"paused": "paused", "done": "done"}.get(state, "failed")


def _undo_until(run, now):
    """Until when everything can be taken back, while it can."""
    starts_at = run and run.dispatch.starts_at
    waits = bool(starts_at) and starts_at > now and run.dispatch.state in {"preparing", "running"}
    return starts_at if waits else None


def _undo_seconds(run, now) -> int:
    until = _undo_until(run, now)
    return int((until - now).total_seconds()) + 1 if until else 0


def _is_settling(run, now) -> bool:
    if run is None or run.current_status not in OVER or run.finished_at is None:
        return False
    return now - run.finished_at < SETTLING
