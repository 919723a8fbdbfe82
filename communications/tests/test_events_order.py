"""Whatever order events come in, and however often, the same rows result."""

import copy

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communications import events
from communications.facts import TIMES, Facts
from communications.models import CustomerCommunication, ProviderEvent
from communications.tests.reports import email_event, fold_email, in_call

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
