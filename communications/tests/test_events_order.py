"""Whatever order events come in, and however often, the same rows result."""

import copy
import json
import random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communications import events
from communications.events import folding
from communications.facts import TIMES, Facts
from communications.models import CustomerCommunication, ProviderEvent
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import email_event, fold_email, in_call
from communications.webhooks import sendgrid

STORY = [
    ("processed", {}),
    ("deferred", {}),
    ("delivered", {}),
    ("open", {"sg_machine_open": True}),
    ("open", {}),
    ("open", {}),
    ("click", {}),
    ("click", {}),
    ("bounce", {"type": "bounce", "status": "5.1.1"}),
    ("bounce", {"type": "blocked", "status": "4.0.0"}),
    ("dropped", {"reason": "Bounced Address"}),
    ("spamreport", {}),
    ("unsubscribe", {}),
]
MOMENTS = st.datetimes(timezones=st.just(timezone.get_fixed_timezone(0)))
FACTS = st.builds(
    Facts,
    delivery=st.sampled_from(CustomerCommunication.Delivery.values),
    error_code=st.sampled_from(["", "30003", "5.1.1"]),
    times=st.dictionaries(st.sampled_from(TIMES), MOMENTS),
)


def joined(*facts: Facts) -> Facts:
    total = Facts()
    for one in facts:
        total.join(copy.deepcopy(one))
    return total


@given(FACTS, FACTS, FACTS)
def test_joining_facts_knows_no_order_and_no_repetition(a, b, c):
    assert joined(a, b) == joined(b, a)
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(a, b, a, b) == joined(a, b)


def inbox(story: list[tuple[str, int, dict]]) -> list[ProviderEvent]:
    """The story of one message as the inbox keeps it, without a database."""
    message = CommunicationFactory.build(
        uuid="6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        customer=None,
        address="a@b.c",
        dispatch=None,
        content=None,
        shop=None,
    )
    told = [email_event(message, name, timestamp=at, **fields) for name, at, fields in story]
    return [
        ProviderEvent(
            kind=event.kind,
            communication_uuid=event.communication,
            occurred_at=event.occurred_at,
            payload=event.payload,
        )
        for event in sendgrid.parse(json.dumps(told).encode())
    ]


@settings(max_examples=2000, deadline=None)
@given(seed=st.integers(0, 2**63))
def test_events_shuffled_repeated_and_cut_into_batches_say_the_same(seed):
    chance = random.Random(seed)
    story = [
        (name, 1_800_000_000 + chance.randrange(1000), fields)
        for name, fields in chance.choices(STORY, k=chance.randrange(1, 12))
    ]
    told = inbox(story)
    (straight,) = folding._facts(told).values()

    again = [*told, *chance.choices(told, k=chance.randrange(6))]
    chance.shuffle(again)
    total = Facts()
    while again:
        size = chance.randrange(1, len(again) + 1)
        (part,) = folding._facts(again[:size]).values()
        total, again = total.join(part), again[size:]

    assert total == straight


def outcome(message) -> dict:
    names = ("delivery", "error_code", *TIMES)
    return CustomerCommunication.objects.filter(pk=message.pk).values(*names).get()


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_folding_in_any_order_and_repetition_gives_the_same_row(data):
    straight, shuffled = in_call(), in_call()
    story = [(name, 1_800_000_000 + n, fields) for n, (name, fields) in enumerate(STORY)]
    for name, moment, fields in story:
        fold_email(email_event(straight, name, timestamp=moment, **fields))

    once = [
        email_event(shuffled, n, timestamp=m, **f) for n, m, f in data.draw(st.permutations(story))
    ]
    again = data.draw(st.lists(st.sampled_from(once), max_size=10))
    told = [*once, *again]
    while told:
        size = data.draw(st.integers(1, len(told)))
        fold_email(*told[:size])
        told = told[size:]

    assert outcome(shuffled) == outcome(straight)


@pytest.mark.django_db
def test_folding_the_whole_inbox_again_changes_nothing():
    message = in_call()
    fold_email(*(email_event(message, name, **fields) for name, fields in STORY))
    before = outcome(message)
    ProviderEvent.objects.update(folded_at=None)

    assert events.fold() == len(STORY)

    assert outcome(message) == before
    assert message.customer.consents.count() == 1
