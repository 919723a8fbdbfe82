from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from communications.sandbox.behaviour import email_story, in_another_order, text_story
from communications.sandbox.messages import Email, Text

MANY = 6000


def email(to, subject="Hello"):
    return Email(
        to=to,
        from_email="shop@example.com",
        subject=subject,
        message_id="m",
        sg_message_id="m.0",
        custom_args={},
    )


def text(to, body="Hello"):
    return Text(
        sid="SM1",
        account_sid="AC1",
        to=to,
        sender="+12015550199",
        body=body,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        segments=1,
        base_micros=None,
    )


def email_events(to, *, seed=0, outcomes=None, **more):
    return [b.event for b in email_story(email(to, **more), seed=seed, outcomes=outcomes or {})]


def text_events(to, *, outcomes=None, **more):
    return [b.event for b in text_story(text(to, **more), seed=0, outcomes=outcomes or {})]


@pytest.mark.parametrize(
    ("local_part", "events"),
    [
        ("ann+delivered", ["processed", "delivered"]),
        ("ann+drop", ["dropped"]),
        ("ann+bounce", ["processed", "bounce"]),
        ("ann+block", ["processed", "bounce"]),
        ("ann+defer", ["processed", "deferred", "delivered"]),
        ("ann+open", ["processed", "delivered", "open"]),
        ("ann+machine", ["processed", "delivered", "open"]),
        ("ann+click", ["processed", "delivered", "open", "click"]),
        ("ann+unsub", ["processed", "delivered", "open", "unsubscribe"]),
        ("ann+spam", ["processed", "delivered", "spamreport"]),
        ("ann+silent", []),
        ("Ann+Open+Unsub", ["processed", "delivered", "open", "unsubscribe"]),
    ],
)
def test_local_part_forces_what_happens(local_part, events):
    assert email_events(f"{local_part}@example.com") == events


def test_hard_and_soft_bounce_differ_in_type():
    def kind(address):
        return email_story(email(address), seed=0, outcomes={})[-1].fields["type"]

    assert (kind("a+bounce@example.com"), kind("a+block@example.com")) == ("bounce", "blocked")


@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        ("delivered", ["queued", "sent", "delivered"]),
        ("undelivered", ["queued", "sent", "undelivered"]),
        ("failed", ["queued", "failed"]),
        ("reply", ["queued", "sent", "delivered", "inbound"]),
        ("silent", []),
    ],
)
def test_outcome_forces_what_happens_to_a_text(outcome, events):
    number, other = "+12015550123", "+12015550124"

    assert text_events(number, outcomes={number: outcome, other: "failed"}) == events


def test_story_depends_on_seed_address_and_subject_only():
    one = email_story(email("ann@example.com"), seed=1, outcomes={})
    many = {tuple(email_events(f"p{n}@example.com", seed=s)) for n in range(50) for s in (1, 2)}

    assert one == email_story(email("ann@example.com"), seed=1, outcomes={})
    assert len(many) > 3


def test_bounce_is_a_property_of_the_address_and_opening_of_the_mail_too():
    people = [f"p{n}@example.com" for n in range(MANY)]

    def those(event, subject):
        return {p for p in people if event in email_events(p, subject=subject)}

    assert those("bounce", "A") == those("bounce", "B")
    assert those("open", "A") != those("open", "B")


def test_shares_of_a_large_audience_are_about_those_promised():
    counts = Counter(event for n in range(MANY) for event in set(email_events(f"p{n}@example.com")))

    assert 0.005 < counts["dropped"] / MANY < 0.016
    assert 0.015 < counts["bounce"] / MANY < 0.035
    assert 0.45 < counts["open"] / MANY < 0.58
    assert 0.09 < counts["click"] / MANY < 0.15
    assert 0.002 < counts["unsubscribe"] / MANY < 0.009


def test_shares_of_a_large_sms_audience_are_about_those_promised():
    stories = [text_events(f"+1201555{n:04d}") for n in range(MANY)]
    counts = Counter(event for story in stories for event in story)

    assert 0.955 < counts["delivered"] / MANY < 0.985
    assert 0.02 < counts["inbound"] / MANY < 0.04


def test_every_beat_lies_inside_the_story_and_in_order():
    for n in range(500):
        beats = email_story(email(f"p{n}@example.com"), seed=0, outcomes={})
        times = [beat.at for beat in beats]
        assert times == sorted(times)
        assert all(0 <= beat.at <= 1 for beat in beats)


def test_shuffled_story_has_the_same_events_at_their_own_times():
    beats = email_story(email("a+click@example.com"), seed=0, outcomes={})
    shuffled = in_another_order(beats, random=Random(3))

    assert [beat.event for beat in shuffled] != [beat.event for beat in beats]
    assert sorted((b.at, b.event) for b in shuffled) == sorted((b.at, b.event) for b in beats)
    assert [b.arrives for b in shuffled] == sorted(b.at for b in beats)
