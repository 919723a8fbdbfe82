"""What follows a call: its answer, its silence, and late reports."""

from benchmarks.guards.guard import POSTGRESQL, Guard

FAULTS = "communications/tests/test_delivery_faults.py"
ISOLATION = "communications/tests/test_delivery_isolation.py"
TRANSITIONS = "communications/tests/test_transitions.py"
CALLS = "communications/tests/test_resolve_calls.py"
TEXTS = "communications/tests/test_resolve_texts.py"
MACHINE = "communications/tests/test_ledger_machine.py"
CONNECTION = "communications/channels/connection.py"
RECORD = "communications/delivery/record.py"
RESOLVE = "communications/delivery/resolve.py"
SWEEP = "communications/delivery/sweep.py"
MOVE = "communications/delivery/transitions.py"
FACTS = "communications/facts.py"
FOLD = (
    "communications/tests/test_events_fold.py"
    "::test_first_times_are_the_smallest_and_delivery_never_falls"
)

GUARDS = [
    Guard(
        name="a 500 is not tried again",
        file=CONNECTION,
        old="""\
    elif status >= 500 or status < 400:
        failure = Failure.UNKNOWN
""",
        new="""\
    elif status >= 500 or status < 400:
        failure = Failure.NOT_SENT
""",
        tests=(f"{FAULTS}::test_an_ambiguous_answer_is_unknown_and_never_sent_again",),
    ),
    Guard(
        name="a broken connection is not tried again",
        file=CONNECTION,
        old="safe = isinstance(error, _BEFORE_THE_FIRST_BYTE) or _never_connected(error)",
        new="safe = True",
        tests=(ISOLATION,),
    ),
    Guard(
        name="an unknown outcome stays unknown",
        file=RECORD,
        old="        to=State.UNKNOWN,\n        from_=[State.SENDING],\n",
        new="        to=State.RELEASED,\n        from_=[State.SENDING],\n",
        tests=(f"{FAULTS}::test_a_worker_that_died_during_the_call_leaves_it_unknown", MACHINE),
    ),
    Guard(
        name="a late refusal rejects nobody",
        file=RECORD,
        old="        if not hold.hold_attempts([attempt], states=[State.SENDING]):\n"
        "            return []\n",
        new="",
        tests=(f"{ISOLATION}::test_a_late_refusal_of_a_call_that_was_swept_rejects_nobody",),
    ),
    Guard(
        name="an answer moves only what is on the wire",
        file=MOVE,
        old="found = calls.filter(state__in=from_).select_for_update",
        new="found = calls.select_for_update",
        tests=(TRANSITIONS,),
    ),
    Guard(
        name="no step outside the table",
        file=MOVE,
        old="            raise NotAllowed(",
        new="            NotAllowed(",
        tests=(TRANSITIONS,),
    ),
    Guard(
        name="of two movers one wins",
        file=MOVE,
        old='.select_for_update(of=("self",)).order_by("pk")',
        new='.order_by("pk")',
        tests=(f"{TRANSITIONS}::test_of_many_movers_at_once_one_wins_each_call",),
        database=POSTGRESQL,
    ),
    Guard(
        name="silence is no proof that nothing was sent",
        file=SWEEP,
        old="        touched += record.unknown(attempt, reason=",
        new="        touched += leave.release(attempt, reason=",
        tests=(f"{FAULTS}::test_a_worker_that_died_during_the_call_leaves_it_unknown", MACHINE),
    ),
    Guard(
        name="the sweep frees only what never began",
        file=SWEEP,
        old='reason="lease expired", now=now, states=[State.CLAIMED]',
        new='reason="lease expired", now=now',
        tests=(
            "communications/tests/test_delivery_order.py"
            "::test_call_that_begins_while_its_lease_is_swept_is_left_alone",
        ),
    ),
    Guard(
        name="marketing is never repeated by a rule",
        file=RESOLVE,
        old="        dispatch__kind=Dispatch.Kind.TRANSACTIONAL,\n",
        new="",
        tests=(CALLS, MACHINE),
    ),
    Guard(
        name="a transactional message is repeated once",
        file="communications/delivery/retry.py",
        old="    if once:\n        members = members.exclude(Exists(put_back_by_rule()))\n",
        new="",
        tests=(CALLS, TEXTS),
    ),
    Guard(
        name="a text counts as absent after three looks",
        file=RESOLVE,
        old="lookups__gte=lookups.LOOKS)",
        new="lookups__gte=1)",
        tests=(f"{TEXTS}::test_text_that_twilio_never_took_goes_again_after_three_looks",),
    ),
    Guard(
        name="one text proves one call",
        file="communications/delivery/lookups.py",
        old="            if sid not in taken:",
        new="            if sid:",
        tests=(TEXTS,),
    ),
    Guard(
        name="a report waiting in the inbox holds a repetition back",
        file="communications/delivery/retry.py",
        old="    members = members.exclude(attempt__in=proven)",
        new="    members = members",
        tests=(CALLS, "communications/tests/test_retry.py"),
    ),
    Guard(
        name="a report proves its call",
        file="communications/events/evidence.py",
        old="_OPEN = (State.SENDING, State.UNKNOWN)",
        new="_OPEN = (State.SENDING,)",
        tests=("communications/tests/test_events_evidence.py",),
    ),
    Guard(
        name="a repeated report changes no first time",
        file=FACTS,
        old="            if mine is None or at < mine:",
        new="            if True:",
        tests=(FOLD,),
    ),
    Guard(
        name="a late report lowers no delivery",
        file=FACTS,
        old="        if (other.delivery, other.error_code) > (self.delivery, self.error_code):",
        new="        if other.delivery:",
        tests=(FOLD,),
    ),
    Guard(
        name="an event is stored once",
        file="communications/events/inbox.py",
        old=", ignore_conflicts=True)",
        new=")",
        tests=("communications/tests/test_webhook_sendgrid.py",),
    ),
]
