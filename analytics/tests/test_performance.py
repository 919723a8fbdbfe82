import datetime as dt

import pytest

from analytics import performance
from analytics.tests.factories import Delivery, booking, delivered, in_call, message, sent
from barbershop.tests.factories import ShopFactory
from campaigns.models import CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 13, 0, tzinfo=dt.UTC)  # 9:00 in New York, a Monday
LATER = NINE + dt.timedelta(days=2)


def after(**kwargs):
    return NINE + dt.timedelta(**kwargs)


@pytest.fixture
def execution():
    return ExecutionFactory(started_at=NINE, dispatch__state="done", dispatch__finished_at=LATER)


@pytest.fixture
def busy(execution):
    """Twelve emails, each with another fate."""
    opened = {"opened_at": after(hours=1)}
    clicked = {"clicked_at": after(hours=2)}
    both = delivered(execution, at=NINE, cost_micros=4_000, **opened, **clicked)
    delivered(execution, at=NINE, cost_micros=4_000, **opened)
    delivered(execution, at=NINE, cost_micros=4_000, machine_opened_at=after(minutes=2))
    delivered(execution, at=NINE, cost_micros=4_000, **clicked, unsubscribed_at=after(hours=3))
    sent(execution, at=NINE, cost_micros=4_000, delivery=Delivery.BOUNCED, bounced_at=NINE)
    sent(execution, at=NINE, cost_micros=4_000)
    in_call(execution, state="unknown", at=NINE, cost_micros=9_000)
    in_call(execution, state="not_sent", at=NINE)
    message(execution, send_state="blocked", reason="no_consent")
    message(execution, send_state="blocked", reason="no_address", address="", address_hmac="")
    message(execution, send_state="blocked", reason="no_consent")
    message(execution, send_state="rejected", reason="21211")
    message(execution, send_state="cancelled")
    message(execution)
    in_call(execution, state="sending", at=NINE)
    booking(execution, both, at=after(hours=5), revenue=4_000, confirmed=True)
    return execution


def test_performance_counts_every_row_in_exactly_one_group(busy):
    totals = performance.of(busy.definition, now=LATER).totals

    assert (totals.sent, totals.blocked, totals.rejected) == (6, 3, 1)
    assert (totals.unknown, totals.pending, totals.cancelled) == (2, 2, 1)
    assert totals.targeted == 15


def test_performance_totals_and_rates_match_the_hand_count(busy):
    found = performance.of(busy.definition, now=LATER)

    totals = found.totals
    assert (totals.delivered, totals.bounced, totals.machine_opened) == (4, 1, 1)
    assert (totals.reached, totals.opened, totals.clicked, totals.engaged) == (6, 2, 2, 3)
    assert (totals.unsubscribed, totals.complained, totals.replied) == (1, 0, 0)
    assert (totals.converted, totals.confirmed, totals.revenue) == (1, 1, 4_000)
    # 6 accepted x 4,000 micros = 2.4 cents; the unknown one is not charged to the campaign.
    assert (totals.cost, totals.roi) == (2, 1999.0)
    assert found.rates == performance.Rates(
        delivery=4 / 6,
        open=0.5,
        click=0.5,
        engagement=0.75,
        conversion=1 / 3,
        unsubscribe=0.25,
        bounce=1 / 6,
        reply=0.0,
        complaint=0.0,
        booking=1 / 6,
    )
    assert found.blocked_by_reason == {"no_consent": 2, "no_address": 1}
    assert found.rejected_by_reason == {"21211": 1}


def test_performance_says_how_far_the_current_run_is(busy):
    run = performance.of(busy.definition, now=LATER).execution

    assert (run.id, run.status, run.finished_at) == (busy.pk, "done", LATER)
    assert run.counts == performance.ExecutionCounts(
        audience=15,
        pending=2,
        sent=6,
        blocked=3,
        rejected=1,
        unknown=2,
        cancelled=1,
        held_out=0,
        people=1,
    )


def test_performance_of_a_draft_is_empty_and_divides_nothing_by_zero():
    found = performance.of(DefinitionFactory(), now=LATER)

    assert found.execution is None
    assert (found.totals.targeted, found.totals.roi, found.rates.delivery) == (0, None, None)
    assert (found.series, found.bucket, found.as_of) == ((), None, LATER)
    assert list(found.channels) == ["email", "sms"]


def test_performance_leaves_out_other_shops_and_other_campaigns_and_tests(execution):
    mine = delivered(execution, at=NINE)
    intruder = ExecutionFactory(definition__shop=ShopFactory())
    booking(intruder, delivered(intruder, at=NINE), at=NINE)
    neighbour = ExecutionFactory(definition=DefinitionFactory(shop=execution.shop, status="active"))
    booking(neighbour, delivered(neighbour, at=NINE), at=NINE)
    trial = ExecutionFactory(
        definition=execution.definition,
        occurrence_key="trial",
        started_at=NINE - dt.timedelta(days=1),
        dispatch=DispatchFactory(shop=execution.shop, kind="test"),
    )
    delivered(trial, at=NINE, customer=None, address="me@example.test")

    totals = performance.of(execution.definition, now=LATER).totals

    assert (totals.targeted, totals.sent, totals.converted) == (1, 1, 0)
    assert mine.shop_id == execution.shop_id


def test_performance_ignores_a_row_of_another_shop_in_the_same_dispatch(execution):
    CommunicationFactory(dispatch=execution.dispatch, shop=ShopFactory())

    assert performance.of(execution.definition, now=LATER).totals.targeted == 0


def test_performance_counts_one_person_on_two_channels_once(execution):
    ana, ben = CustomerFactory.create_batch(2, shop=execution.shop)
    email = delivered(execution, at=NINE, customer=ana, opened_at=after(hours=1))
    text = {"channel": "sms", "cost_micros": 11_800}
    delivered(execution, at=NINE, customer=ana, clicked_at=after(hours=2), **text)
    sms = delivered(execution, at=NINE, customer=ben, replied_at=after(hours=1), **text)
    booking(execution, sms, at=after(hours=4), revenue=2_500)

    found = performance.of(execution.definition, now=LATER)

    totals, channels = found.totals, found.channels
    assert (totals.sent, totals.delivered) == (3, 3)
    assert (totals.reached, totals.opened, totals.clicked, totals.engaged) == (2, 1, 1, 1)
    assert (channels["email"].engaged, channels["sms"].engaged) == (1, 1)
    assert (channels["email"].reached, channels["sms"].reached) == (1, 2)
    assert (channels["sms"].replied, channels["sms"].converted) == (1, 1)
    assert (channels["sms"].cost, channels["email"].cost, totals.cost) == (2, 0, 2)
    assert channels["sms"].rates.conversion == 1.0
    assert email.channel == "email"


def test_performance_of_channels_adds_up_to_the_totals(busy):
    delivered(busy, at=NINE, channel="sms")
    message(busy, channel="sms", send_state="blocked", reason="unproven")

    found = performance.of(busy.definition, now=LATER)

    for name in (
        *("targeted", "sent", "blocked", "rejected", "unknown", "pending", "cancelled"),
        *("delivered", "bounced", "converted", "revenue"),
    ):
        parts = sum(getattr(channel, name) for channel in found.channels.values())
        assert parts == getattr(found.totals, name), name


def test_performance_of_an_automation_counts_all_its_runs(execution):
    ana = CustomerFactory(shop=execution.shop)
    delivered(execution, at=NINE, customer=ana, opened_at=after(hours=1))
    second = ExecutionFactory(
        definition=execution.definition, occurrence_key="birthday:2027", started_at=after(days=365)
    )
    delivered(second, at=after(days=365), customer=ana, opened_at=after(days=366))
    message(second)

    found = performance.of(execution.definition, now=after(days=367))

    # The same person in two runs is two recipients, or a yearly open rate would fall every year.
    assert (found.totals.targeted, found.totals.opened, found.rates.open) == (3, 2, 1.0)
    assert found.execution.occurrence_key == "birthday:2027"
    assert (found.execution.counts.audience, found.execution.counts.sent) == (2, 1)


def test_performance_shows_the_held_out_beside_the_targeted(execution):
    CampaignResponse.objects.create(
        shop=execution.shop,
        execution=execution,
        customer=CustomerFactory(shop=execution.shop),
        is_holdout=True,
    )
    delivered(execution, at=NINE)

    found = performance.of(execution.definition, now=LATER)

    totals = found.totals
    assert (totals.held_out, totals.targeted, totals.converted) == (1, 1, 0)
    assert found.execution.counts.held_out == 1


def test_performance_counts_a_late_bounce_as_bounced_only(execution):
    delivered(execution, at=NINE, delivery=Delivery.BOUNCED, bounced_at=after(hours=9))

    totals = performance.of(execution.definition, now=LATER).totals

    assert (totals.sent, totals.delivered, totals.bounced) == (1, 0, 1)


def test_performance_in_yen_has_no_cents():
    run = ExecutionFactory(definition__shop__currency="JPY")
    for _ in range(3):
        delivered(run, at=NINE, cost_micros=12_500_000)

    found = performance.of(run.definition, now=LATER)

    assert (found.currency, found.totals.cost) == ("JPY", 38)


@pytest.mark.parametrize("people", [1, 3])
def test_performance_asks_five_questions_whatever_the_size(
    execution, people, django_assert_num_queries
):
    for _ in range(people):
        ana = CustomerFactory(shop=execution.shop)
        first = delivered(execution, at=NINE, customer=ana, opened_at=after(hours=1))
        delivered(execution, at=NINE, customer=ana, channel="sms")
        booking(execution, first, at=after(hours=2))

    with django_assert_num_queries(5):
        performance.of(execution.definition, now=LATER)


def test_performance_money_is_whole_numbers(busy):
    found = performance.of(busy.definition, now=LATER)

    money = [found.totals.revenue, found.totals.cost, *(p.revenue for p in found.series)]
    assert {type(amount) for amount in money} == {int}


def test_performance_has_the_promised_keys(busy):
    found = performance.of(busy.definition, now=LATER).as_dict()

    assert found["campaign"] == busy.definition_id
    assert {"execution", "series", "currency", "attribution", "as_of"} <= found.keys()
    assert {
        *("targeted", "blocked", "sent", "delivered", "bounced", "opened", "clicked", "engaged"),
        *("replied", "unsubscribed", "complained", "converted", "revenue", "cost", "roi"),
    } <= found["totals"].keys()
    assert {
        *("delivery", "open", "click", "engagement", "conversion", "unsubscribe", "bounce"),
    } <= found["rates"].keys()
    assert found["attribution"] == {
        "model": "last_touch",
        "window_days": 7,
        "delivery_window_days": 3,
    }
