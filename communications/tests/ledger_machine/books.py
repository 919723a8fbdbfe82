"""The ledger read again after every step, and held against the tables and the provider."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
)
from communications.tests.ledger_machine import tables
from communications.tests.ledger_machine.provider import Provider


@dataclass(frozen=True)
class Call:
    """One row of ``delivery_attempts``."""

    pk: int
    state: str
    lease_until: dt.datetime
    call_deadline: dt.datetime | None


@dataclass(frozen=True)
class Message:
    """One row of ``customer_communications``; ``state`` is its call's while it is in one."""

    pk: int
    state: str
    send_state: str
    channel: str
    address: str
    attempt_id: int | None
    customer_id: int


@dataclass
class Books:
    """What the ledger said last, and what it may never say."""

    dispatch: Dispatch
    provider: Provider
    state: str = ""  # of the dispatch
    audience: int = 0
    calls: dict[UUID, Call] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    # Each message may be accepted once, and once more for every time that a person freed it, or
    # that it was repeated because it is transactional.
    freed: Counter[UUID] = field(default_factory=Counter)
    repeated: Counter[UUID] = field(default_factory=Counter)

    def read(self) -> None:
        """Read everything anew, and check it against what was and what is true."""
        calls, messages = _calls(self.dispatch), _messages(self.dispatch)
        self._check_steps(calls, messages)
        self.calls, self.messages = calls, messages
        self.state = Dispatch.objects.values_list("state", flat=True).get(pk=self.dispatch.pk)
        if self.dispatch.kind == Dispatch.Kind.TRANSACTIONAL:
            self.repeated = _repeated(self.dispatch)
        self._check_end()
        self._check_sums()
        self._check_against_the_provider()

    def _check_steps(self, calls: dict[UUID, Call], messages: dict[UUID, Message]) -> None:
        for table, before, after in (
            (tables.CALL, self.calls, calls),
            (tables.MESSAGE, self.messages, messages),
        ):
            assert set(before) <= set(after), "rows are never deleted"
            steps = [
                (before[key].state if key in before else "", row.state)
                for key, row in after.items()
            ]
            wrong = tables.forbidden(steps, table)
            assert not wrong, f"not in the table: {wrong}"

    def _check_end(self) -> None:
        """What is said to be over is over; a call on the wire outlives a cancelled run."""
        if self.state == Dispatch.State.DONE:
            left = self.in_state("pending", "claimed", "sending")
            assert not left, f"done, and {len(left)} messages are not"
        if self.state == Dispatch.State.CANCELLED:
            left = self.in_state("pending")
            assert not left, f"cancelled, and {len(left)} messages wait"

    def _check_sums(self) -> None:
        states = Counter(message.state for message in self.messages.values())
        assert set(states) <= set(tables.MESSAGE), f"unknown states in {states}"
        assert states.total() == self.audience
        for message in self.messages.values():
            in_call = message.send_state == "in_call"
            assert in_call == (message.attempt_id is not None), f"{message} and its call differ"
        there = Counter(
            (message.channel, message.address)
            for message in self.messages.values()
            if message.address and message.state != "blocked"
        )
        assert all(count == 1 for count in there.values()), "one message per address"

    def _check_against_the_provider(self) -> None:
        times = self.provider.times()
        accepted = self.provider.calls()
        for key, message in self.messages.items():
            assert self.repeated[key] <= 1, f"{key} was repeated more than once"
            most = 1 + self.freed[key] + self.repeated[key]
            assert times[key] <= most, f"{key} was accepted {times[key]} times"
            if message.state == "accepted":
                assert times[key], f"lost: {key} is accepted here and never was there"
            if times[key] and not self.was_repeated(key):
                assert message.state in tables.NOT_DENIED, f"ghost: {key} is {message.state}"
        for key in set(self.calls_in("accepted")) - accepted:
            # Twilio's list cannot tell two tries of one text apart; it proves the message.
            explained = any(self.was_repeated(uuid) for uuid in self.members(key))
            assert explained, f"lost: call {key} is accepted here and never was there"

    def in_state(self, *states: str) -> list[UUID]:
        return [key for key, message in self.messages.items() if message.state in states]

    def calls_in(self, *states: str) -> list[UUID]:
        return [key for key, call in self.calls.items() if call.state in states]

    def members(self, attempt: UUID) -> set[UUID]:
        pk = self.calls[attempt].pk
        return {key for key, message in self.messages.items() if message.attempt_id == pk}

    def was_repeated(self, uuid: UUID) -> bool:
        return bool(self.freed[uuid] or self.repeated[uuid])

    def is_due(self, *channels: str) -> bool:
        """Whether a message waits in a running dispatch, on one of these channels or on any."""
        waiting = {self.messages[uuid].channel for uuid in self.in_state("pending")}
        return self.state == Dispatch.State.RUNNING and bool(waiting & {*(channels or waiting)})

    def is_over(self) -> bool:
        """Nothing waits, nothing is under way, nothing is unresolved."""
        return not self.in_state("pending", "claimed", "sending", "unknown")


def _calls(dispatch: Dispatch) -> dict[UUID, Call]:
    rows = DeliveryAttempt.objects.filter(dispatch=dispatch).order_by("pk")
    return {
        key: Call(*row)
        for key, *row in rows.values_list("uuid", "pk", "state", "lease_until", "call_deadline")
    }


def _messages(dispatch: Dispatch) -> dict[UUID, Message]:
    rows = CustomerCommunication.objects.filter(dispatch=dispatch).with_state().order_by("pk")
    return {
        key: Message(*row)
        for key, *row in rows.values_list(
            "uuid",
            "pk",
            "state",
            "send_state",
            "channel",
            "address",
            "attempt_id",
            "customer_id",
        )
    }


def _repeated(dispatch: Dispatch) -> Counter[UUID]:
    departures = AttemptDeparture.objects.filter(
        attempt__dispatch=dispatch, outcome=AttemptDeparture.Outcome.RETRIED
    )
    return Counter(departures.values_list("communication__uuid", flat=True))
