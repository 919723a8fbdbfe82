"""No calls through an account whose provider does not answer, or asked us to wait.

Five failures in a row end the calls for a minute. Then one worker wins one trial: when that
succeeds everything goes on, when it fails another minute begins. The trial itself sets the next
minute, so that a worker that dies in it does not close the account for ever.

The account's row is the breaker: ``failures`` in a row, and ``open_until`` before which nobody
calls. A provider that asks us to wait (429) sets ``open_until`` alone.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Least

from communications.models import ProviderAccount

LIMIT = 5  # failures in a row
CLOSED = dt.timedelta(minutes=1)
MOST_COUNTED = 9_999  # the column is small; nobody needs to know more


@dataclass(frozen=True)
class Permit:
    """How many calls may begin: None without a limit, 0 for ``wait`` seconds, 1 for the trial."""

    calls: int | None
    wait: float = 0.0


FREE = Permit(None)
TRIAL = Permit(1)


def permits(account: ProviderAccount, *, now: dt.datetime) -> Permit:
    """Whether calls may begin; looks at the row anew, whatever ``account`` remembers.

    Whoever wins the trial keeps it: asked again with the same object, the answer is the same, so
    that the gate lets through what the claim was allowed. An account that is switched off begins
    no calls. ``wait`` may end early, by a success or a person: look again before.
    """
    rows = ProviderAccount.objects.filter(pk=account.pk)
    is_active, failures, until = rows.values_list("is_active", "failures", "open_until").get()
    if not is_active:
        return Permit(0, CLOSED.total_seconds())
    if until is not None and until > now:
        is_ours = until == getattr(account, "trial_until", None)
        return TRIAL if is_ours else Permit(0, (until - now).total_seconds())
    if failures < LIMIT:
        return FREE
    return _trial(account, now=now)


def _trial(account: ProviderAccount, *, now: dt.datetime) -> Permit:
    """One call, for the first who asks; the others wait for what comes of it."""
    over = Q(open_until=None) | Q(open_until__lte=now)
    closed = ProviderAccount.objects.filter(over, pk=account.pk, failures__gte=LIMIT)
    if not closed.update(open_until=now + CLOSED):
        return permits(account, now=now)  # another has the trial, or has ended it already
    account.trial_until = now + CLOSED
    return TRIAL


def return_trial(account: ProviderAccount, *, now: dt.datetime) -> None:
    """A trial for which there was no message in the end: whoever asks next may have it."""
    mine = getattr(account, "trial_until", None)
    if mine is not None:
        account.trial_until = None
        ProviderAccount.objects.filter(pk=account.pk, open_until=mine).update(open_until=now)


def succeeded(account_id: int, *, now: dt.datetime) -> None:
    """A call was answered: the row of failures ends, and with it the minute they began.

    A wait that the provider asked for stays. Writes nothing when there was no failure.
    """
    failing = ProviderAccount.objects.filter(pk=account_id, failures__gt=0)
    if failing.exists():
        broken = When(failures__gte=LIMIT, then=Value(None))
        failing.update(failures=0, open_until=Case(broken, default=F("open_until")))


def failed(account_id: int, *, now: dt.datetime) -> None:
    """A call failed through no fault of its message; the fifth in a row ends the calls."""
    account = ProviderAccount.objects.filter(pk=account_id)
    account.update(failures=Least(F("failures") + 1, MOST_COUNTED))
    _close(account.filter(failures__gte=LIMIT), until=now + CLOSED)


def wait_until(account_id: int, until: dt.datetime) -> None:
    """Nobody calls before: the provider said so. Never ends a longer wait."""
    _close(ProviderAccount.objects.filter(pk=account_id), until=until)


def try_again(account_id: int, *, now: dt.datetime) -> bool:
    """End the wait, for a person who knows more; a broken account begins with its trial.

    Returns:
        Whether there was a wait to end.
    """
    waiting = ProviderAccount.objects.filter(pk=account_id, open_until__gt=now)
    return bool(waiting.update(open_until=now))


def in_words(account: ProviderAccount, *, now: dt.datetime) -> str:
    """Whether calls go out through an account, in a sentence for people."""
    failures, until = account.failures, account.open_until
    row = f"{failures} failures in a row"
    if not account.is_active:
        return "No calls: it is switched off."
    if until is not None and until > now:
        why = row if failures >= LIMIT else "the provider asked us to wait"
        return f"No calls until {_clock(until, now=now)}: {why}."
    if failures >= LIMIT:
        return f"The next call is a trial: {row}."
    return f"Calls go out; the last {failures} failed." if failures else "Calls go out."


def _clock(moment: dt.datetime, *, now: dt.datetime) -> str:
    moment, now = moment.astimezone(dt.UTC), now.astimezone(dt.UTC)
    day = "" if moment.date() == now.date() else "%Y-%m-%d "
    return f"{moment:{day}%H:%M} UTC"


def _close(accounts, *, until: dt.datetime) -> None:
    accounts.filter(Q(open_until=None) | Q(open_until__lt=until)).update(open_until=until)
