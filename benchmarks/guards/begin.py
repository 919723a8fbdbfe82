"""What stands between a message and its call."""

from benchmarks.guards.guard import POSTGRESQL, Guard

ORDER = "communications/tests/test_delivery_order.py"
DELIVERY = "communications/tests/test_delivery.py"
CLOCK = "communications/tests/test_delivery_clock.py"
LIMITS = "communications/tests/test_delivery_limits.py"
HOURS = "communications/tests/test_quiet_hours_sending.py"
SUSPENSION = "communications/tests/test_suspension.py"
GATE = "communications/delivery/gate.py"
LOOP = "communications/delivery/loop.py"

GUARDS = [
    Guard(
        name="sending is committed before the call",
        file=LOOP,
        old="""\
        calls = gate.begin(attempts, now=self.frozen)
        for attempt, call in calls:
            send = CHANNELS[attempt.channel].send
            future = places.begin(send, call, owner=attempt.shop_id, before=before)
            self.calls[future] = (attempt, monotonic() + DEADLINE)
""",
        new="""\
        with transaction.atomic():
            calls = gate.begin(attempts, now=self.frozen)
            for attempt, call in calls:
                send = CHANNELS[attempt.channel].send
                future = places.begin(send, call, owner=attempt.shop_id, before=before)
                self.calls[future] = (attempt, monotonic() + DEADLINE)
            wait(self.calls, timeout=5)
""",
        tests=(f"{ORDER}::test_call_begins_when_everybody_can_see_that_it_has_begun",),
    ),
    Guard(
        name="a lost lease sends nothing",
        file=GATE,
        old="ours = [a for a in attempts if a.pk in leases and leases[a.pk] > now]",
        new="ours = [a for a in attempts if a.pk in leases]",
        tests=(f"{CLOCK}::test_worker_that_stood_still_past_its_lease_sends_nothing",),
    ),
    Guard(
        name="a call is begun once",
        file=GATE,
        old="leases = hold.hold_attempts(attempts, states=[State.CLAIMED])",
        new="leases = hold.hold_attempts(attempts, states=[State.CLAIMED, State.SENDING])",
        tests=(f"{ORDER}::test_call_is_begun_once_however_often_the_gate_is_asked",),
    ),
    Guard(
        name="leases hold by the database's clock",
        file="communications/delivery/clock.py",
        old='if connection.vendor != "postgresql":',
        new="if connection.vendor:",
        tests=(CLOCK,),
        database=POSTGRESQL,
    ),
    Guard(
        name="a pause is read at the gate",
        file=GATE,
        old="if dispatch.state != Dispatch.State.RUNNING or dispatch.starts_at > now:",
        new="if dispatch.starts_at > now:",
        tests=(f"{DELIVERY}::test_a_pause_after_the_claim_gives_the_messages_back",),
    ),
    Guard(
        name="the undo window is read at the gate",
        file=GATE,
        old="if dispatch.state != Dispatch.State.RUNNING or dispatch.starts_at > now:",
        new="if dispatch.state != Dispatch.State.RUNNING:",
        tests=(f"{ORDER}::test_gate_begins_nothing_before_its_time",),
    ),
    Guard(
        name="a pause waits for every gate",
        file="communications/delivery/hold.py",
        old="WHERE id = %s FOR SHARE",
        new="WHERE id = %s",
        tests=(f"{ORDER}::test_pause_waits_for_a_gate_that_has_looked_and_not_yet_committed",),
        database=POSTGRESQL,
    ),
    Guard(
        name="a suspension is read at the gate",
        file=GATE,
        old="elif dispatch.waits_for_its_shop:",
        new="elif False:",
        tests=(f"{SUSPENSION}::test_shop_that_is_suspended_after_the_claim_begins_nothing",),
    ),
    Guard(
        name="a suspension waits for every gate",
        file="communications/delivery/hold.py",
        old="SELECT pg_advisory_xact_lock_shared(%s + shop_id) ",
        new="SELECT %s + shop_id ",
        tests=(
            f"{SUSPENSION}::test_suspension_waits_for_a_gate_that_has_looked_and_not_yet_committed",
        ),
        database=POSTGRESQL,
    ),
    Guard(
        name="gates do not wait for each other",
        file="communications/delivery/hold.py",
        old="WHERE id = %s FOR SHARE",
        new="WHERE id = %s FOR UPDATE",
        tests=(f"{ORDER}::test_gates_do_not_wait_for_each_other",),
        database=POSTGRESQL,
    ),
    Guard(
        name="consent is asked at the gate",
        file=GATE,
        old="refused = _refusals(",
        new="refused = {} and _refusals(",
        tests=(f"{DELIVERY}::test_consent_taken_back_after_the_freeze_blocks_the_message",),
    ),
    Guard(
        name="a suppressed address is not written to",
        file="communications/compliance/person.py",
        old="        When(Exists(suppressed), then=Value(Reason.SUPPRESSED)),\n",
        new="",
        tests=(f"{DELIVERY}::test_a_suppressed_address_is_blocked_in_its_own_shop_only",),
    ),
    Guard(
        name="quiet hours are asked at the gate",
        file=GATE,
        old="    turns = moment.turns()\n",
        new="    turns = {}\n",
        tests=(f"{HOURS}::test_text_at_night_waits_for_the_morning_and_then_goes",),
    ),
    Guard(
        name="no more is handed over than leaves in time",
        file="communications/delivery/drain.py",
        old="return (self.parts + parts) / self.per_second <= (until - self.now).total_seconds()",
        new="return True",
        tests=(f"{HOURS}::test_no_more_is_handed_over_than_leaves_a_long_code_in_time",),
    ),
    Guard(
        name="frequency caps are asked at the gate",
        file=GATE,
        old="    over = moment.over_cap([pk for draft in drafts for pk in draft.ids])\n",
        new="    over = set()\n",
        tests=("communications/tests/test_frequency.py",),
    ),
    Guard(
        name="gates of one organisation count one after the other",
        file="communications/compliance/beginning.py",
        old="        frequency.hold(self.shop)\n",
        new="",
        tests=("communications/tests/test_frequency_parallel.py",),
        database=POSTGRESQL,
    ),
    Guard(
        name="two claims never share a message",
        file="communications/delivery/claim.py",
        old="CustomerCommunication.objects.select_for_update(skip_locked=True)",
        new="CustomerCommunication.objects",
        tests=(f"{ORDER}::test_message_that_one_worker_is_claiming_is_passed_over_by_another",),
        database=POSTGRESQL,
    ),
    Guard(
        name="a call is not begun past its deadline",
        file="communications/delivery/inflight.py",
        old="if monotonic() > before:",
        new="if False:",
        tests=(f"{CLOCK}::test_call_is_not_begun_by_a_worker_that_stood_still_after_the_gate",),
    ),
    Guard(
        name="a call never begun goes out after all",
        file="communications/delivery/record.py",
        old="            outbox.reopen(attempt.dispatch)",
        new="            pass",
        tests=(
            f"{ORDER}"
            "::test_call_that_was_never_begun_goes_out_although_its_run_was_finished_meanwhile",
        ),
    ),
    Guard(
        name="a call that hangs is given up at its deadline",
        file=LOOP,
        old="overdue = [f for f, (_, until) in self.calls.items() if until < monotonic()]",
        new="overdue = []",
        tests=(
            "communications/tests/test_delivery_overlap.py"
            "::test_call_that_hangs_ends_by_its_deadline_and_other_shops_go_on",
        ),
    ),
    Guard(
        name="the breaker opens at five failures",
        file="communications/delivery/breaker.py",
        old="    _close(account.filter(failures__gte=LIMIT), until=now + CLOSED)\n",
        new="",
        tests=(
            f"{LIMITS}::test_five_failures_in_a_row_end_the_calls_until_one_trial_succeeds",
            "communications/tests/test_breaker.py",
        ),
    ),
    Guard(
        name="the breaker is asked at the gate",
        file=GATE,
        old="if permit.calls is None or permit.calls >= len(ours):",
        new="if True:",
        tests=(f"{LIMITS}::test_breaker_that_opens_after_the_claim_gives_the_messages_back",),
    ),
    Guard(
        name="no more goes than the rate allows",
        file="communications/delivery/rate.py",
        old="granted = min(wanted, *(math.floor(bucket.tokens) for bucket in buckets))",
        new="granted = wanted",
        tests=("communications/tests/test_rate.py", LIMITS),
    ),
    Guard(
        name="a spent budget lets nothing through",
        file="communications/budgets/reservations.py",
        old="            if micros > left:",
        new="            if False:",
        tests=("communications/tests/test_budgets.py",),
    ),
    Guard(
        name="workers share one budget",
        file="communications/budgets/months.py",
        old="return list(found.select_for_update() if lock else found)",
        new="return list(found)",
        tests=(
            "communications/tests/test_budgets_parallel.py"
            "::test_workers_that_want_the_last_segment_get_it_once",
        ),
        database=POSTGRESQL,
    ),
]
