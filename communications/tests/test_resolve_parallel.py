"""Reports, releases, claims and finishing at the same moment: nobody is lost or waits in vain."""

import json
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.factories import ShopFactory
from communications import delivery, events, outbox
from communications.channels import Answer
from communications.delivery import leave, record, resolve, retry
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch, Incident
from communications.tests.factories import DispatchFactory
from communications.tests.reports import email_event, in_call
from communications.tests.unresolved import MINUTE, send_and_lose
from communications.tests.waiting import state_of, waiting
from communications.webhooks import sendgrid

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer"),
]


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


@pytest.mark.parametrize("turn", range(3))
def test_report_that_meets_a_claim_leaves_each_message_in_one_call(dispatch, providers, turn):
    emails = waiting(dispatch, 40)
    send_and_lose(providers, "500_after")
    call = DeliveryAttempt.objects.get()
    told = [email_event(CustomerCommunication.objects.get(pk=m.pk), "processed") for m in emails]
    retry.free(call, by=None)
    store(told[:20])
    store(told[20:])

    def work(hand):
        return (events.fold if hand % 2 else delivery.send_due)()

    at_once(4, work)
    events.fold()
    delivery.send_due()

    call.refresh_from_db()
    assert call.state == "accepted"
    assert {state_of(email) for email in emails} == {"accepted"}
    sent = [line["to"] for line in providers.accepted()]
    again = set(
        CustomerCommunication.objects.exclude(attempt=call).values_list("address", flat=True)
    )
    assert {to for to in sent if sent.count(to) == 2} == again
    assert len(sent) == 40 + len(again)
    assert Incident.objects.exists()


def store(told: list[dict]) -> None:
    parsed = sendgrid.parse(json.dumps(told).encode())
    events.record("sendgrid", parsed, now=timezone.now())


def test_report_waits_for_a_release_and_undoes_it():
    message = in_call(state="unknown")
    store([email_event(message, "processed")])
    call = message.attempt
    with transaction.atomic():
        DeliveryAttempt.objects.select_for_update().get(pk=call.pk)
        fold = threading.Thread(target=fold_and_close)
        fold.start()
        released(message, call)
    fold.join(30)

    assert (state_of(message), Incident.objects.count()) == ("accepted", 1)


def fold_and_close() -> None:
    try:
        events.fold()
    finally:
        connection.close()


def released(message, call) -> None:
    """What a release does that began before the report was there."""
    leave.release(call, reason="test", now=timezone.now(), states=["unknown"], outcome="freed")


def test_late_report_does_not_take_a_message_out_of_a_claim_that_was_faster():
    message = in_call(state="unknown")
    call = message.attempt
    again = in_call(dispatch=message.dispatch, content=message.content).attempt
    told = email_event(message, "processed")
    retry.free(call, by=None)
    store([told])

    thread = threading.Thread(target=fold_and_close)
    with transaction.atomic():
        CustomerCommunication.objects.filter(pk=message.pk).update(
            send_state="in_call", attempt=again
        )
        thread.start()
        thread.join(1)  # it waits for us
    thread.join(30)

    message.refresh_from_db()
    assert message.attempt == again
    assert "twice" in Incident.objects.get().detail


def test_release_waits_for_an_answer_that_is_being_written_down():
    message = in_call(state="unknown", dispatch__state="done")
    freed = []

    def release():
        try:
            freed.append(retry.free(message.attempt, by=None))
        finally:
            connection.close()

    thread = threading.Thread(target=release)
    with transaction.atomic():
        record.accepted(message.attempt, Answer(status=202), now=timezone.now())
        thread.start()
        thread.join(1)  # it waits for us
    thread.join(30)

    assert (freed, state_of(message), Dispatch.objects.get().state) == ([0], "accepted", "done")


def test_run_is_not_finished_around_messages_that_are_being_put_back():
    """Finishing looks at the ledger while a release has not committed yet."""
    message = in_call(state="unknown", dispatch__state="running")
    begun, go_on = threading.Event(), threading.Event()

    def release():
        try:
            with transaction.atomic():
                retry.free(message.attempt, by=None)
                begun.set()
                go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=release)
    thread.start()
    begun.wait(30)
    finishing = threading.Thread(target=finish_and_close)
    finishing.start()
    finishing.join(1)  # it passes the run over, or would wait for it
    go_on.set()
    thread.join(30)
    finishing.join(30)

    assert (state_of(message), Dispatch.objects.get().state) == ("pending", "running")


def finish_and_close() -> None:
    try:
        outbox.finish_idle()
    finally:
        connection.close()


@pytest.mark.parametrize("turn", range(5))
def test_run_that_is_finished_and_reopened_at_once_ends_running(turn):
    message = in_call(state="unknown", dispatch__state="running")

    at_once(
        4,
        lambda hand: outbox.finish_idle() if hand else retry.free(message.attempt, by=None),
    )

    assert (state_of(message), Dispatch.objects.get().state) == ("pending", "running")


def test_call_that_two_people_free_at_once_is_freed_once():
    message = in_call(state="not_sent", dispatch__state="done")

    freed = at_once(4, lambda _: retry.free(message.attempt, by=None))

    assert sorted(freed) == [0, 0, 0, 1]
    assert message.departures.count() == 1


def test_many_workers_ask_for_each_text_once(dispatch, providers):
    waiting(dispatch, 12, channel="sms")
    since = send_and_lose(providers, "500_before")
    before = providers.stats()["requests"]

    at_once(4, lambda _: resolve.resolve_unknown(now=since + MINUTE))
    resolve.resolve_unknown(now=since + MINUTE)

    assert providers.stats()["requests"] - before == 12
    assert set(DeliveryAttempt.objects.values_list("lookups", flat=True)) == {1}
