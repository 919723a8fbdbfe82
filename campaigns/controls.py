"""Which buttons a campaign offers in which state: one answer for lists, pages and confirmations."""

from dataclasses import dataclass

from barbershop.api.permissions import SEND, WRITE
from campaigns.models import CampaignDefinition, CampaignExecution

Status = CampaignDefinition.Status
Run = CampaignExecution.Status

IN_MOTION = frozenset({Run.PREPARING, Run.TESTING, Run.RUNNING})
OVER = frozenset({Run.DONE, Run.CANCELLED, Run.FAILED})


@dataclass(frozen=True)
class Control:
    """One verb: ``url`` is the name of its confirmation page."""

    verb: str
    label: str
    icon: str
    needs: str
    is_danger: bool = False
    is_primary: bool = False

    @property
    def url(self) -> str:
        return f"campaign-{self.verb}"


EXECUTE = Control("execute", "Review and send", "sending", SEND, is_primary=True)
PAUSE = Control("pause", "Pause", "paused", WRITE, is_primary=True)
RESUME = Control("resume", "Resume", "sending", SEND, is_primary=True)
CANCEL = Control("cancel", "Cancel", "cancelled", WRITE, is_danger=True)
CLONE = Control("clone", "Duplicate", "plus", WRITE)
DELETE = Control("delete", "Delete", "failed", WRITE, is_danger=True)
RETRY = Control("retry", "Try the failed ones again", "sending", SEND)
RELEASE = Control("release", "Release", "sending", SEND, is_danger=True)


def controls(status: str, run: str | None, *, rights, automated: bool = False) -> list[Control]:
    """What somebody with these rights may do now, the most likely first.

    Args:
        status: of the definition.
        run: status of its newest execution, None without one.
    """
    return [each for each in _possible(status, run, automated) if each.needs in rights]


def second_chances(run: str, *, failed: int, unresolved: int, rights) -> list[Control]:
    """What may be done about the messages of a run that did not leave, or may not have.

    Args:
        failed: messages that were refused or could not be made.
        unresolved: calls whose outcome is not known.
    """
    possible = [RETRY] if failed and run not in {Run.CANCELLED, Run.FAILED} else []
    possible += [RELEASE] if unresolved and run != Run.CANCELLED else []
    return [each for each in possible if each.needs in rights]


def _possible(status: str, run: str | None, automated: bool) -> list[Control]:
    if automated or status == Status.ARCHIVED:
        return [CLONE]
    if run in IN_MOTION:
        return [PAUSE, CANCEL, CLONE]
    if run == Run.PAUSED:
        return [RESUME, CANCEL, CLONE]
    if run is not None:
        return [CLONE]
    return [EXECUTE, CLONE, DELETE]
