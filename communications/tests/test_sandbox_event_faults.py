import threading
from collections import Counter

import pytest

from communications.tests.sandbox_clients import (
    STATUS_PATH,
    mail,
    names,
    playing,
    post_mail,
    text_through,
)
from communications.tests.webhook_receiver import receiving


def test_failing_receiver_is_tried_again_with_the_same_event():
    with receiving(statuses=[500, 503]) as receiver, playing(receiver) as sandbox:
        post_mail(sandbox, mail("ann+drop@example.com"))
        assert sandbox.settle()
        counts = sandbox.stats()["webhooks"]

    assert len(receiver.requests) == 3
    assert len({event["sg_event_id"] for event in receiver.events()}) == 1
    assert (counts["retried"], counts["answered_200"], counts["pending"]) == (2, 1, 0)


def test_dead_receiver_is_given_up_after_the_last_try():
    with receiving(statuses=[500] * 9) as receiver:
        with playing(receiver, webhook_tries=3) as sandbox:
            post_mail(sandbox, mail("ann+drop@example.com"))
            assert sandbox.settle()
            counts = sandbox.stats()["webhooks"]

        assert (len(receiver.requests), counts["given_up"]) == (3, 1)


def test_duplicated_events_keep_their_ids():
    with (
        receiving() as receiver,
        playing(receiver, faults={"events_duplicated": 1}) as sandbox,
    ):
        post_mail(sandbox, mail("ann+open@example.com"))
        text_through(sandbox)
        assert sandbox.settle()

    ids = Counter(event["sg_event_id"] for event in receiver.events())
    statuses = Counter(form["MessageStatus"] for form in receiver.forms(STATUS_PATH))
    assert list(ids.values()) == [2, 2, 2]
    assert set(statuses.values()) == {2}


def test_shuffled_events_are_the_same_events():
    people = [f"p{n}+click@example.com" for n in range(5)]
    with receiving() as receiver, playing(receiver, faults={"events_shuffled": 1}) as sandbox:
        post_mail(sandbox, mail(*people))
        sandbox.settle()
    orders = {p: names(e for e in receiver.events() if e["email"] == p) for p in people}

    usual = ["processed", "delivered", "open", "click"]
    assert all(sorted(order) == sorted(usual) for order in orders.values())
    assert any(order != usual for order in orders.values())


def test_early_events_come_before_the_answer():
    arrived = []
    with receiving(on_request=arrived.append) as receiver:
        with playing(receiver, speed=3600, faults={"events_early": 1}) as sandbox:
            post_mail(sandbox, mail("ann+open@example.com"))
            seen_at_answer = list(arrived)

        assert len(seen_at_answer) == 1
        assert names(receiver.events()) == ["processed", "delivered"]


def test_events_follow_the_answer_when_nothing_is_wrong():
    answered = threading.Event()
    too_early = []

    def look(received):
        if not answered.wait(5):
            too_early.append(received)

    with receiving(on_request=look) as receiver, playing(receiver) as sandbox:
        assert post_mail(sandbox, mail("ann+open@example.com")).status_code == 202
        answered.set()
        assert sandbox.settle()

    assert too_early == []


@pytest.mark.parametrize("options", [{"events": False}, {"faults": {"events_none": 1}}])
def test_silent_sandbox_tells_nobody(options):
    with receiving() as receiver, playing(receiver, **options) as sandbox:
        post_mail(sandbox, mail("ann+click@example.com"))
        text_through(sandbox)
        assert sandbox.settle()

        assert receiver.requests == []


def test_message_accepted_without_an_answer_still_has_its_events():
    with receiving() as receiver, playing(receiver, faults={"500_after": 1}) as sandbox:
        assert post_mail(sandbox, mail("ann+delivered@example.com")).status_code == 500
        sandbox.settle()

    assert names(receiver.events()) == ["processed", "delivered"]


def test_refused_message_has_no_events():
    with receiving() as receiver, playing(receiver, faults={"500_before": 1}) as sandbox:
        post_mail(sandbox, mail("ann+delivered@example.com"))
        sandbox.settle()

        assert receiver.requests == []
