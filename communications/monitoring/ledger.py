"""How the ledger, the inbox and the provider accounts stand, by a fixed number of queries.

All of it is counted in the database, so whichever process answers, and on whichever machine, says
the same. Labels are words of the product and numbers of rows, never names or addresses.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, DateTimeField, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django_celery_beat.models import PeriodicTask
from prometheus_client.core import GaugeMetricFamily, Metric

from communications.delivery import breaker
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
    ProviderAccount,
    ProviderEvent,
)
from customers.channels import Channel

PENDING = CustomerCommunication.SendState.PENDING
State = DeliveryAttempt.State
CALLS = (State.CLAIMED, State.SENDING, State.UNKNOWN)
WAITING_IN = (Dispatch.State.PREPARING, Dispatch.State.RUNNING, Dispatch.State.PAUSED)
Provider = ProviderAccount.Provider
CLOSED, TRIAL, OPEN, OFF = range(4)


def families(*, now: dt.datetime) -> Iterator[Metric]:
    yield from _queue(now)
    yield from _calls(now)
    yield from _inbox(now)
    yield _incidents()
    yield _breakers(now)
    yield _beat(now)


def _gauge(name: str, says: str, labels: tuple[str, ...], values: dict) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"barbershop_{name}", says, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value or 0)
    return family


def _age(moment: dt.datetime | None, *, now: dt.datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _queue(now: dt.datetime) -> Iterator[Metric]:
    pending = CustomerCommunication.objects.filter(send_state=PENDING).order_by()
    found = pending.values_list("channel", "dispatch__state").annotate(Count("pk"))
    numbers = {(channel, state): 0 for channel in Channel.values for state in WAITING_IN}
    numbers |= {(channel, state): number for channel, state, number in found}
    yield _gauge(
        "messages_pending",
        "Messages that wait, by channel and by the state of their dispatch.",
        ("channel", "dispatch"),
        numbers,
    )
    oldest = {(channel,): _age(at, now=now) for channel, at in _due_since(now).items()}
    yield _gauge(
        "oldest_due_message_seconds",
        "For how long the next message of a running dispatch could have gone; 0 when none waits.",
        ("channel",),
        oldest,
    )


def _due_since(now: dt.datetime) -> dict[str, dt.datetime | None]:
    """``{channel: since when its first message in any dispatch might have gone}``."""
    due = Q(not_before=None) | Q(not_before__lte=now)
    pending = CustomerCommunication.objects.filter(
        due, dispatch=OuterRef("pk"), send_state=PENDING
    ).order_by("pk")
    since = Greatest("queued_at", Coalesce("not_before", "queued_at"), OuterRef("starts_at"))
    first = {
        f"{channel}_since": Subquery(
            pending.filter(channel=channel).annotate(since=since).values("since")[:1],
            output_field=DateTimeField(),
        )
        for channel in Channel.values
    }
    running = Dispatch.objects.running().filter(starts_at__lte=now).order_by()
    return running.annotate(**first).aggregate(
        **{channel: Min(f"{channel}_since") for channel in Channel.values}
    )


def _calls(now: dt.datetime) -> Iterator[Metric]:
    numbers = {(channel, state): 0 for channel in Channel.values for state in CALLS}
    oldest = dict(numbers)
    # Two queries: each has its index, both together would have none.
    for states in ([State.CLAIMED], [State.SENDING, State.UNKNOWN]):
        calls = DeliveryAttempt.objects.filter(state__in=states).order_by()
        rows = calls.values_list("channel", "state").annotate(Count("pk"), Min("claimed_at"))
        for channel, state, number, since in rows:
            numbers[channel, state] = number
            oldest[channel, state] = _age(since, now=now)
    labels = ("channel", "state")
    yield _gauge("calls", "Provider calls that are not over.", labels, numbers)
    yield _gauge("oldest_call_seconds", "Age of the oldest of them.", labels, oldest)


def _inbox(now: dt.datetime) -> Iterator[Metric]:
    inbox = ProviderEvent.objects.filter(folded_at=None).order_by()
    counted = {"n": Count("pk"), "since": Min("received_at"), "failures": Sum("tries")}
    waiting, held = (
        {row["provider"]: row for row in rows.values("provider").annotate(**counted)}
        for rows in (
            inbox.filter(quarantined_at=None),
            inbox.filter(quarantined_at__isnull=False),
        )
    )

    def each(rows: dict, name: str) -> dict:
        return {(provider,): rows.get(provider, {}).get(name) or 0 for provider in Provider.values}

    by = ("provider",)
    failures = {
        key: n + each(held, "failures")[key] for key, n in each(waiting, "failures").items()
    }
    lag = {key: _age(at or None, now=now) for key, at in each(waiting, "since").items()}
    yield _gauge("events_waiting", "Stored events that are not folded yet.", by, each(waiting, "n"))
    yield _gauge("oldest_waiting_event_seconds", "Age of the oldest; the fold's lag.", by, lag)
    yield _gauge("events_quarantined", "Events that wait for a person.", by, each(held, "n"))
    yield _gauge(
        "fold_failures",
        "Tries in vain to fold the events that are waiting or in quarantine.",
        by,
        failures,
    )


def _incidents() -> Metric:
    open_ones = Incident.objects.filter(resolved_at=None).order_by()
    found = dict(open_ones.values_list("kind").annotate(Count("pk")))
    numbers = {(kind,): found.get(kind, 0) for kind in Incident.Kind.values}
    return _gauge("incidents_open", "What waits for a person, by kind.", ("kind",), numbers)


def _breakers(now: dt.datetime) -> Metric:
    rows = ProviderAccount.objects.order_by("pk").values_list(
        "provider", "pk", "is_active", "failures", "open_until"
    )
    states = {
        (provider, str(pk)): _breaker(is_active, failures, until, now=now)
        for provider, pk, is_active, failures, until in rows
    }
    return _gauge(
        "breaker_state",
        "Of each provider account: 0 calls go out, 1 the next is a trial, 2 no calls for now, "
        "3 switched off.",
        ("provider", "account"),
        states,
    )


def _breaker(is_active: bool, failures: int, until: dt.datetime | None, *, now) -> int:
    if not is_active:
        return OFF
    if until is not None and until > now:
        return OPEN
    return TRIAL if failures >= breaker.LIMIT else CLOSED


def _beat(now: dt.datetime) -> Metric:
    """Without a sample when the clock never ran, or another than beat does its work."""
    latest = PeriodicTask.objects.filter(enabled=True).aggregate(at=Max("last_run_at"))["at"]
    values = {(): _age(latest, now=now)} if latest else {}
    return _gauge(
        "beat_age_seconds",
        "Since beat last said that it gave a hint; it says so every three minutes.",
        (),
        values,
    )
