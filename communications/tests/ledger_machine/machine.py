"""The random walk. Every rule is something that may happen at any moment in production."""

import datetime as dt
import sys
from contextlib import suppress
from itertools import count

from django.db import transaction
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from communications import delivery, events, outbox
from communications.channels import CHANNELS
from communications.delivery import claim, gate, loop, resolve, retry
from communications.models import DeliveryAttempt, Dispatch
from communications.tests.ledger_machine import draws, settling, world
from communications.tests.ledger_machine.books import Books
from communications.tests.ledger_machine.errors import Errors
from communications.tests.ledger_machine.hands import Hands
from communications.tests.ledger_machine.provider import Flight, Provider
from communications.tests.ledger_machine.reports import Told, report
from customers.channels import Channel

State = Dispatch.State
# A worker begins a call only while its own deadline still ends before the call's.
LATEST_BEGIN = gate.CALL_TIME - dt.timedelta(seconds=loop.DEADLINE)


class LedgerMachine(Hands, RuleBasedStateMachine):
    """One dispatch, some workers, one provider, and a clock that somebody else turns."""

    def __init__(self, given: world.World, errors: Errors):
        super().__init__()
        # By itself every walk would go without half of the rules; these belong together.
        self._rules_strategy.enabled_rules_strategy = draws.EVERY_RULE
        # A process remembers by id how far it got, and a rollback gives ids away again.
        claim._reached.clear()
        # Each walk in a transaction of its own, rolled back: the next one begins from nothing.
        self._walk = transaction.atomic()
        self._walk._from_testcase = True  # what insists on being outermost may be inside it
        self._walk.__enter__()
        self.world, self.errors = given, errors
        errors.seen.clear()
        self.provider = Provider()
        self._channel = CHANNELS[Channel.SMS]
        CHANNELS[Channel.SMS] = self.provider  # for its list; calls are made by the rules
        self.now = world.START
        self.numbers = count()
        self.claimed: list[DeliveryAttempt] = []
        self.flights: list[Flight] = []
        self.told: list[Told] = []
        self.has_mail = False  # reports wait in the inbox
        self.stopped: set[tuple[str, int]] = set()  # people, by channel
        self.bounced: set[str] = set()  # addresses, as reported
        self.refused: set[str] = set()  # addresses, as known to the ledger

    @initialize(
        kind=draws.KIND,
        emails=draws.NUMBERS,
        texts=draws.NUMBERS,
        runs=draws.MOSTLY,
        storm=draws.STORM,
    )
    def begin(self, kind, emails, texts, runs, storm):
        self.storm = storm  # what the first calls meet when the walk is over
        self.dispatch = world.open_dispatch(self.world, kind)
        self.books = Books(self.dispatch, self.provider)
        self.add(Channel.EMAIL, emails)
        self.add(Channel.SMS, texts)
        if runs:
            self.run()
        self.books.read()

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:
                settling.settle(self)
        finally:
            CHANNELS[Channel.SMS] = self._channel
            transaction.set_rollback(True)
            self._walk.__exit__(None, None, None)

    # --- the audience

    @precondition(lambda self: self.books.state == State.PREPARING)
    @rule(channel=draws.ONE_CHANNEL, numbers=draws.NUMBERS)
    def add(self, channel, numbers):
        people = world.recipients(self.world, self.dispatch, channel=channel, numbers=numbers)
        with suppress(outbox.NotPreparing):
            self.books.audience += outbox.queue(
                dispatch=self.dispatch, recipients=people, now=self.now
            )

    @precondition(lambda self: self.books.state == State.PREPARING)
    @rule()
    def run(self):
        outbox.run(self.dispatch, now=self.now)

    # --- workers

    @precondition(lambda self: self.books.is_due())
    @rule(channel=draws.ONE_CHANNEL, most=draws.MOST, begins=draws.EITHER)
    def claim(self, channel, most, begins):
        batch = self.claim_some(channel, most=most)
        if begins:
            self.begin_calls(batch)
        else:
            self.claimed += batch

    @precondition(lambda self: self.claimed)
    @rule(which=draws.WHICH, most=draws.MOST, forgets=draws.MOSTLY)
    def gate(self, which, most, forgets):
        """Some of the claimed calls, swept or stale ones among them, or begun already."""
        first = self.claimed[which % len(self.claimed)]
        batch = [a for a in self.claimed if a.channel == first.channel][:most]
        if forgets:
            self.claimed = [a for a in self.claimed if a not in batch]
        self.begin_calls(batch)

    @precondition(lambda self: any(f.outcome is None for f in self.flights))
    @rule(which=draws.WHICH, fate=draws.FATES, index=draws.WHICH, writes=draws.EITHER)
    def call(self, which, fate, index, writes):
        waiting = [flight for flight in self.flights if flight.outcome is None]
        flight = waiting[which % len(waiting)]
        if self.now > flight.begun_at + LATEST_BEGIN:
            flight.stall()
        else:
            self.provider.take(flight, fate, index=index, now=self.now)
        if writes:
            self.write_down(flight)

    @precondition(lambda self: any(f.outcome is not None for f in self.flights))
    @rule(which=draws.WHICH)
    def answer(self, which):
        """An answer is written down, however late."""
        answered = [flight for flight in self.flights if flight.outcome is not None]
        self.write_down(answered[which % len(answered)])

    @precondition(lambda self: self.books.is_due(Channel.EMAIL))
    @rule(fate=draws.FATES, index=draws.WHICH)
    def send_emails(self, fate, index):
        self.send(Channel.EMAIL, fate=fate, index=index)

    @precondition(lambda self: self.books.is_due(Channel.SMS))
    @rule(fate=draws.FATES, index=draws.WHICH)
    def send_texts(self, fate, index):
        self.send(Channel.SMS, fate=fate, index=index)

    @precondition(lambda self: self.books.is_due())
    @rule(
        channel=draws.ONE_CHANNEL, what=draws.MEDDLING, number=draws.SOMEBODY, seconds=draws.SECONDS
    )
    def stall_before_the_gate(self, channel, what, number, seconds):
        """Between claim and gate the world changes, time passes, and somebody sweeps."""
        batch = self.claim_some(channel, most=5)
        self.interfere(what, channel=channel, number=number, limit=0)
        self.books.read()
        self.now += dt.timedelta(seconds=seconds)
        self.begin_calls(batch)

    @precondition(lambda self: self.books.is_due())
    @rule(channel=draws.ONE_CHANNEL, fate=draws.FATES, index=draws.WHICH, seconds=draws.SECONDS)
    def stall_before_the_answer(self, channel, fate, index, seconds):
        """The answer comes late, when the sweep and the look-ups have been there already."""
        flights = self.begin_calls(self.claim_some(channel, most=5))
        for flight in flights:
            self.provider.take(flight, fate, index=index, now=self.now)
        self.now += dt.timedelta(seconds=seconds)
        delivery.sweep(now=self.now)
        self.books.read()
        resolve.resolve_unknown(now=self.now)
        self.books.read()
        for flight in flights:
            self.write_down(flight)

    @precondition(lambda self: self.claimed or self.flights)
    @rule(dies=draws.DEATH)
    def kill(self, dies):
        """A process ends: what it knew is gone, what it sent is not."""
        if dies == "before the gate":
            self.claimed = []
        else:
            self.flights = []

    # --- time

    @rule(seconds=draws.SECONDS)
    def wait(self, seconds):
        self.now += dt.timedelta(seconds=seconds)

    @precondition(lambda self: self.books.calls_in("claimed", "sending"))
    @rule()
    def sweep(self):
        delivery.sweep(now=self.now)

    @precondition(lambda self: self.books.in_state("unknown"))
    @rule(hides=draws.SOMETIMES)
    def resolve(self, hides):
        self.provider.hides_its_list = hides
        resolve.resolve_unknown(now=self.now)

    # --- people

    @precondition(lambda self: self.books.state in Dispatch.STOPPABLE)
    @rule(what=draws.MEDDLING, channel=draws.ONE_CHANNEL, number=draws.SOMEBODY, limit=draws.LIMITS)
    def meddle(self, what, channel, number, limit):
        """Somebody pauses, cancels, says stop or changes the budget, in the middle of it all."""
        self.interfere(what, channel=channel, number=number, limit=limit)

    @precondition(lambda self: self.books.state == State.PAUSED)
    @rule()
    def resume(self):
        outbox.resume(self.dispatch)

    @precondition(lambda self: self.books.calls_in("unknown", "not_sent"))
    @rule(which=draws.WHICH)
    def free(self, which):
        stuck = self.books.calls_in("unknown", "not_sent")
        uuid = stuck[which % len(stuck)]
        attempt = DeliveryAttempt.objects.get(uuid=uuid)
        if retry.free(attempt, by=self.world.owner, now=self.now):
            self.books.freed.update(self.books.members(uuid))

    @precondition(lambda self: self.books.in_state("not_sent", "rejected"))
    @rule()
    def retry_failed(self):
        not_sent = self.books.in_state("not_sent")
        if retry.retry_failed(self.fresh_dispatch(), by=self.world.owner, now=self.now):
            self.books.freed.update(not_sent)

    # --- reports

    @precondition(lambda self: self.provider.accepted)
    @rule(which=draws.WHICH, whom=draws.WHICH, kind=draws.REPORT, folds=draws.EITHER)
    def report(self, which, whom, kind, folds):
        """The provider reports on what it has, perhaps before its own answer."""
        accepted = self.provider.accepted[which % len(self.provider.accepted)]
        there = accepted.letters[whom % len(accepted.letters)]
        told = report(accepted, there, kind=kind, key=f"event-{next(self.numbers)}", at=self.now)
        self.told.append(told)
        self.hear(told)
        if folds:
            self.fold()

    @precondition(lambda self: self.told)
    @rule(which=draws.WHICH)
    def repeat(self, which):
        self.hear(self.told[which % len(self.told)])

    @precondition(lambda self: self.has_mail)
    @rule()
    def fold(self):
        events.fold(now=self.now)
        self.has_mail = False
        self.refused |= self.bounced

    # --- what holds after every step

    @invariant()
    def books_balance(self):
        self.books.read()

    @invariant()
    def nothing_was_swallowed(self):
        """What the product logs as an error has been caught and would be missed here."""
        assert not self.errors.seen, self.errors.seen
