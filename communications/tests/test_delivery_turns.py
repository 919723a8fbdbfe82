"""Shops share out what little may go, and so do the dispatches of one shop."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import accounts, delivery
from communications.delivery import claim, leave
from communications.delivery.turns import Turns
from communications.models import DeliveryAttempt, ProviderAccount
from communications.tests.crowd import crowd
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
SECOND = dt.timedelta(seconds=1)


def slow(shop, *, channel="email", per_second=1.0):
    account = accounts.account_for(shop=shop, channel=channel)
    ProviderAccount.objects.filter(pk=account.pk).update(messages_per_second=per_second)


def full(shop, count=20):
    dispatch = DispatchFactory(shop=shop, starts_at=NOW)
    crowd(dispatch, [f"{dispatch.pk}-{n}@example.test" for n in range(count)])
    return dispatch


def sent_by(name: str) -> Counter:
    return Counter(DeliveryAttempt.objects.values_list(name, flat=True))


def test_scarce_tokens_are_shared_by_shops_and_within_a_shop_by_dispatches(providers):
    one, two, three = shops = ShopFactory.create_batch(3)
    first, second = full(one), full(one)
    full(two)
    full(three)
    slow(one)

    for seconds in range(13):  # each time as another worker, which remembers nothing
        delivery.send_due(now=NOW + seconds * SECOND)

    shares = sent_by("shop_id")
    assert shares.total() == 13
    assert {shares[shop.pk] for shop in shops} <= {4, 5}
    own = sent_by("dispatch_id")
    assert abs(own[first.pk] - own[second.pk]) <= 1


def test_long_dispatch_does_not_hold_up_a_short_one_of_another_shop(providers):
    long, short = ShopFactory.create_batch(2)
    full(long, 30)
    full(short, 2)
    slow(long, per_second=1)

    for seconds in range(4):
        delivery.send_due(now=NOW + seconds * SECOND)

    assert sent_by("shop_id")[short.pk] == 2


def test_run_remembers_whom_it_served_beyond_the_calls_it_looks_at(providers, monkeypatch):
    monkeypatch.setattr("communications.delivery.turns.RECENT", 1)
    shop, other = ShopFactory.create_batch(2)
    dispatches = [full(shop), full(shop), full(shop)]
    full(other)
    slow(shop, per_second=1000)
    turns = Turns()

    order = []
    for pk in range(1, 7):
        turn = next(t for t in turns.due(now=NOW) if t.dispatch.shop_id == shop.pk)
        order.append(turn.dispatch)
        turns.was_served(turn, [DeliveryAttempt(pk=pk)])

    assert order == dispatches * 2


def test_channels_of_one_dispatch_have_a_turn_each(providers):
    dispatch = DispatchFactory(starts_at=NOW)
    waiting(dispatch)
    waiting(dispatch, channel="sms")
    later = DispatchFactory(starts_at=NOW + SECOND)
    waiting(later)

    turns = Turns().due(now=NOW)

    assert {(t.dispatch, t.channel) for t in turns} == {(dispatch, "email"), (dispatch, "sms")}


def test_messages_that_were_put_back_are_found_below_those_claimed_since():
    dispatch = full(ShopFactory(), 3 * claim.LOOK_BACK_EVERY)

    def next_one():
        (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=NOW, limit=1)
        return attempt

    first = next_one()
    oldest = first.communications.get()
    next_one()
    leave.release(first, reason="put back", now=NOW)

    found = [next_one().communications.get() for _ in range(claim.LOOK_BACK_EVERY)]

    assert found.count(oldest) == 1
    assert len(set(found)) == claim.LOOK_BACK_EVERY


def test_bodies_in_turn_leave_nobody_behind(providers):
    dispatch = DispatchFactory(starts_at=NOW)
    contents = [ContentFactory(dispatch=dispatch, variant_label=label) for label in "AB"]
    for number in range(6):
        CommunicationFactory(dispatch=dispatch, content=contents[number % 2])

    assert delivery.send_due() == 6

    assert [a.message_count for a in DeliveryAttempt.objects.order_by("pk")] == [3, 3]
    assert len(providers.accepted()) == 6
