"""A spent budget pauses, money that is there again resumes, and a person's pause stays."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from communications import budgets, outbox
from communications.models import Budget, Dispatch
from communications.tests.budget_calls import begin, claimed, move
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, 0, tzinfo=dt.UTC)
NEXT_MONTH = NOW + dt.timedelta(days=20)
SEGMENT = 11_800  # one part of a text to the United States
DOLLAR = 1_000_000


@pytest.fixture
def dispatch():
    dispatch = DispatchFactory(shop=ShopFactory(name="Corner Cuts"), prepared_at=NOW)
    waiting(dispatch, 2, channel="sms")
    return dispatch


def set_month(dispatch, micros, *, spent=0, reserved=0):
    """This month's budget, with some of it gone."""
    budgets.set_month(dispatch.shop, micros, now=NOW)
    Budget.objects.filter(shop=dispatch.shop).update(spent_micros=spent, reserved_micros=reserved)


def state_of(dispatch):
    dispatch.refresh_from_db()
    return dispatch.state, dispatch.pause_cause


def paused(dispatch):
    assert budgets.pause_spent(dispatch, now=NOW)
    return dispatch


def test_a_pause_says_with_figures_what_is_missing(dispatch):
    set_month(dispatch, 50 * DOLLAR, spent=49_990_000)

    assert budgets.pause_spent(dispatch, now=NOW)

    assert state_of(dispatch) == ("paused", "budget")
    assert dispatch.paused_reason == (
        "This month's budget of $50.00 is spent: $49.99 used, the next text costs $0.0118."
    )


def test_a_pause_says_what_is_still_on_the_wire(dispatch):
    set_month(dispatch, 50 * DOLLAR, spent=49_000_000, reserved=990_000)

    budgets.pause_spent(dispatch, now=NOW)

    dispatch.refresh_from_db()
    assert "$49.00 used, $0.99 on the wire, the next text" in dispatch.paused_reason


def test_a_pause_names_the_campaigns_own_budget(dispatch):
    set_month(dispatch, 50 * DOLLAR)
    dispatch.budget = budgets.open_for(shop=dispatch.shop, limit_micros=SEGMENT - 1)
    dispatch.save()

    budgets.pause_spent(dispatch, now=NOW)

    dispatch.refresh_from_db()
    assert dispatch.paused_reason == (
        "This campaign's budget of $0.011799 is spent: $0.00 used, the next text costs $0.0118."
    )


def test_an_email_is_named_with_its_price_below_a_cent():
    dispatch = DispatchFactory()
    waiting(dispatch)
    set_month(dispatch, 398)

    budgets.pause_spent(dispatch, now=NOW)

    dispatch.refresh_from_db()
    assert dispatch.paused_reason.endswith("the next email costs $0.000399.")


def test_nothing_is_paused_when_the_limit_was_raised_in_that_moment(dispatch):
    set_month(dispatch, SEGMENT)

    assert not budgets.pause_spent(dispatch, now=NOW)

    assert state_of(dispatch) == ("running", "")


def test_a_person_who_paused_before_keeps_his_reason(dispatch):
    set_month(dispatch, 0)
    outbox.pause(dispatch, reason="wrong price")

    assert not budgets.pause_spent(dispatch, now=NOW)

    assert state_of(dispatch) == ("paused", "person")
    assert dispatch.paused_reason == "wrong price"


def test_a_raised_month_resumes_what_was_paused_for_it(dispatch):
    set_month(dispatch, SEGMENT - 1)
    paused(dispatch)
    by_person, refused = (DispatchFactory(shop=dispatch.shop) for _ in range(2))
    outbox.pause(by_person)
    outbox.pause(refused, cause="provider")
    elsewhere = DispatchFactory(state="paused", pause_cause="budget", paused_reason="spent")

    assert budgets.set_month(dispatch.shop, SEGMENT, now=NOW) == 1

    assert state_of(dispatch) == ("running", "")
    assert state_of(by_person) == ("paused", "person")
    assert state_of(refused) == ("paused", "provider")
    assert state_of(elsewhere) == ("paused", "budget")


def test_a_month_that_is_raised_by_too_little_resumes_nothing(dispatch):
    set_month(dispatch, 1)
    paused(dispatch)

    assert budgets.set_month(dispatch.shop, SEGMENT - 1, now=NOW) == 0

    assert state_of(dispatch) == ("paused", "budget")


def test_a_raised_campaign_resumes_only_when_the_month_allows_it(dispatch):
    set_month(dispatch, SEGMENT - 1)
    dispatch.budget = budgets.open_for(shop=dispatch.shop, limit_micros=0)
    dispatch.save()
    paused(dispatch)

    assert budgets.set_limit(dispatch.budget, DOLLAR, now=NOW) == 0
    assert budgets.set_month(dispatch.shop, DOLLAR, now=NOW) == 1


def test_a_new_month_resumes(dispatch):
    set_month(dispatch, 50 * DOLLAR, spent=50 * DOLLAR)
    paused(dispatch)

    assert budgets.resume_affordable(now=NOW) == 0
    assert budgets.resume_affordable(now=NEXT_MONTH) == 1


def test_money_that_comes_back_resumes(dispatch):
    set_month(dispatch, SEGMENT)
    other = claimed(DispatchFactory(shop=dispatch.shop), SEGMENT, now=NOW)
    begin(other, now=NOW)
    paused(dispatch)

    move(other, "released", now=NOW)

    assert budgets.resume_affordable(now=NOW) == 1


def test_what_was_paused_while_its_audience_was_written_goes_on_being_written(dispatch):
    Dispatch.objects.filter(pk=dispatch.pk).update(
        state="paused", pause_cause="budget", prepared_at=None
    )

    assert budgets.resume_affordable(now=NOW) == 1

    assert state_of(dispatch) == ("preparing", "")


def test_a_dispatch_of_two_channels_waits_until_each_can_be_paid(dispatch):
    waiting(dispatch)
    set_month(dispatch, 399)
    paused(dispatch)

    assert budgets.resume_affordable(now=NOW) == 0
    assert budgets.set_month(dispatch.shop, SEGMENT, now=NOW) == 1


def test_what_is_not_due_yet_is_not_what_must_be_paid_next(dispatch):
    first = dispatch.communications.order_by("pk").first()
    first.content = outbox.add_content(
        dispatch=dispatch, channel="sms", text="a" * 400, variant_label="B"
    )
    set_month(dispatch, SEGMENT)
    first.save()
    assert budgets.shortage(dispatch, now=NOW).cost == 3 * SEGMENT
    first.not_before = NOW + dt.timedelta(hours=1)
    first.save()

    assert budgets.shortage(dispatch, now=NOW) is None


def test_a_text_that_cannot_be_made_does_not_hold_the_dispatch(dispatch, monkeypatch, caplog):
    set_month(dispatch, 0)
    monkeypatch.setattr("communications.rendering.render_sms", lambda *_: 1 / 0)

    assert not budgets.pause_spent(dispatch, now=NOW)
    assert "could not be rendered" in caplog.text
