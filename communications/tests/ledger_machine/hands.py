"""What workers and people do, whichever rule makes them."""

from contextlib import suppress

from communications import budgets, events, outbox
from communications.budgets import LimitTooLow
from communications.channels import Answer
from communications.delivery import claim, gate, record
from communications.models import DeliveryAttempt, Dispatch
from communications.tests.ledger_machine.provider import Flight, letters
from communications.tests.ledger_machine.reports import Told

State = Dispatch.State


class Hands:
    """The part of the machine that touches the product's sending, watched at each touch."""

    def send(self, channel, *, fate, index=0, most=4) -> bool:
        """One pass of a healthy worker; whether there was something to send."""
        batch = self.claim_some(channel, most=most)
        for flight in self.begin_calls(batch):
            self.provider.take(flight, fate, index=index, now=self.now)
            self.write_down(flight)
        return bool(batch)

    def claim_some(self, channel, *, most) -> list[DeliveryAttempt]:
        dispatch = self.fresh_dispatch()
        batch = claim.claim(dispatch=dispatch, channel=channel, now=self.now, limit=most)
        self.books.read()
        return batch

    def interfere(self, what, *, channel, number, limit) -> None:
        if what == "pause":
            outbox.pause(self.dispatch)
        elif what == "cancel":
            outbox.cancel(self.dispatch, now=self.now)
        elif what == "stop":
            person = self.world.people[number]
            person.opt_out(channel, source="sms_stop", now=self.now)
            self.stopped.add((channel, person.pk))
        else:
            with suppress(LimitTooLow):
                budgets.set_month(self.world.shop, limit, by=self.world.owner, now=self.now)

    def hear(self, told: Told) -> None:
        events.record(told.provider, [told.reported], now=self.now)
        self.has_mail = True
        if told.reported.kind == "bounced":
            self.bounced.add(told.address)

    def fresh_dispatch(self) -> Dispatch:
        return Dispatch.objects.select_related("shop").get(pk=self.dispatch.pk)

    def begin_calls(self, batch: list[DeliveryAttempt]) -> list[Flight]:
        """The gate; what it lets through must have been allowed to go at this very moment."""
        dispatch = self.fresh_dispatch()
        begun = gate.begin(batch, now=self.now) if batch else []
        before = dict(self.books.calls)
        self.books.read()
        made = []
        for attempt, call in begun:
            was = before[attempt.uuid]
            assert dispatch.state == State.RUNNING, f"begun while {dispatch.state}"
            assert was.state == "claimed", f"begun from {was.state}"
            assert was.lease_until > self.now, "begun after the lease had run out"
            there = letters(call)
            assert {letter.communication for letter in there} == self.books.members(attempt.uuid)
            self.assert_welcome(attempt.channel, there)
            made.append(Flight(attempt, call, begun_at=self.now))
        assert set(self.books.calls_in("sending")) - {
            uuid for uuid, call in before.items() if call.state == "sending"
        } == {flight.attempt.uuid for flight in made}, "committed as begun and not handed out"
        self.flights += made
        return made

    def assert_welcome(self, channel, there) -> None:
        """Nobody who has said stop before this gate is written to."""
        for letter in there:
            person = self.books.messages[letter.communication].customer_id
            assert (channel, person) not in self.stopped, f"{letter} goes to who has said stop"
            assert letter.address not in self.refused, f"{letter} goes to a refused address"

    def write_down(self, flight: Flight) -> None:
        self.flights.remove(flight)
        if isinstance(flight.outcome, Answer):
            record.accepted(flight.attempt, flight.outcome, now=self.now)
        else:
            self.claimed += record.failed(flight.attempt, flight.outcome, now=self.now)
        self.books.read()
