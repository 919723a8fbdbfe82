"""Complaints, bounces and opt-outs: which figures warn, which stop, and whom."""

import datetime as dt

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory
from communications import outbox, reputation
from communications.models import Dispatch
from communications.tests.factories import ContentFactory, DispatchFactory
from communications.tests.mailed import mailed

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 30, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
COMPLAINTS, BOUNCES, OPT_OUTS = reputation.RULES


@pytest.fixture
def running(shop):
    return ContentFactory(dispatch__shop=shop, dispatch__prepared_at=NOW).dispatch


def state_of(dispatch) -> tuple[str, str]:
    return tuple(Dispatch.objects.values_list("state", "pause_cause").get(pk=dispatch.pk))


STOPPED = ("paused", "reputation")


@pytest.mark.parametrize(
    ("rule", "signs", "total", "warns", "stops"),
    [
        (COMPLAINTS, 99, 100_000, False, False),
        (COMPLAINTS, 100, 100_000, True, False),
        (COMPLAINTS, 299, 100_000, True, False),
        (COMPLAINTS, 300, 100_000, True, True),
        (COMPLAINTS, 1, 10, False, False),
        (COMPLAINTS, 3, 99, False, False),
        (COMPLAINTS, 3, 100, True, True),
        (COMPLAINTS, 1, 500, False, False),
        (COMPLAINTS, 2, 500, True, False),
        (COMPLAINTS, 3, 1_000, True, True),
        (COMPLAINTS, 3, 1_001, True, False),
        (COMPLAINTS, 4, 4, False, False),
        (COMPLAINTS, 5, 50, True, True),
        (COMPLAINTS, 5, 51, False, False),
        (COMPLAINTS, 99, 99, True, True),
        (COMPLAINTS, 5, 0, False, False),
        (BOUNCES, 19, 19, False, False),
        (BOUNCES, 19, 190, False, False),
        (BOUNCES, 20, 199, True, True),
        (BOUNCES, 10, 199, False, False),
        (BOUNCES, 3, 200, False, False),
        (BOUNCES, 4, 200, True, False),
        (BOUNCES, 9, 200, True, False),
        (BOUNCES, 10, 200, True, True),
        (BOUNCES, 1_999, 100_000, False, False),
        (BOUNCES, 4_999, 100_000, True, False),
        (BOUNCES, 5_000, 100_000, True, True),
        (OPT_OUTS, 20, 199, True, False),
        (OPT_OUTS, 19, 199, False, False),
        (OPT_OUTS, 4, 201, False, False),
        (OPT_OUTS, 4, 200, True, False),
        (OPT_OUTS, 200, 200, True, False),
    ],
)
def test_lines_are_met_exactly(rule, signs, total, warns, stops):
    assert (rule.warns(signs, total), rule.stops(signs, total)) == (warns, stops)


def test_complaints_stop_what_runs_and_what_is_prepared_of_this_shop_alone(shop, running):
    preparing = ContentFactory(dispatch__shop=shop, dispatch__state="preparing").dispatch
    texts = ContentFactory(dispatch__shop=shop, channel="sms").dispatch
    reminder = ContentFactory(dispatch__shop=shop, dispatch__kind="transactional").dispatch
    mailed(shop, 1_000, at=NOW - DAY, complaints=3)
    intruder = ContentFactory().dispatch
    mailed(intruder.shop, 1_000, at=NOW - DAY, complaints=2)

    found = reputation.enforce(now=NOW)

    assert sorted((each.shop_id, each.is_stop) for each in found) == sorted(
        [(shop.pk, True), (intruder.shop_id, False)]
    )
    assert [state_of(each) for each in (running, preparing)] == [STOPPED] * 2
    assert [state_of(each) for each in (texts, reminder, intruder)] == [("running", "")] * 3
    running.refresh_from_db()
    assert running.paused_reason == (
        "0.30 % of the marketing emails of the last 7 days were reported as spam (3 of 1,000); "
        "at 0.3 % sending stops."
    )


def test_a_stop_is_audited_once(shop, running):
    mailed(shop, 100, at=NOW - DAY, complaints=3)

    reputation.enforce(now=NOW)
    reputation.enforce(now=NOW)

    entry = AuditEntry.objects.get(action=reputation.STOPPED)
    assert (entry.shop, entry.object_id) == (shop, str(running.pk))


def test_bounces_stop_by_what_was_accepted(shop, running):
    mailed(shop, 200, at=NOW - DAY, bounces=10, delivered=190)

    reputation.enforce(now=NOW)

    assert state_of(running) == STOPPED


def test_complaints_are_a_share_of_what_arrived(shop, running):
    mailed(shop, 1_500, at=NOW - DAY, complaints=3, delivered=1_000)

    reputation.enforce(now=NOW)

    assert state_of(running) == STOPPED


def test_opting_out_of_texts_warns_and_stops_nothing(shop, running):
    mailed(shop, 200, at=NOW - DAY, channel="sms", opt_outs=100)
    mailed(shop, 200, at=NOW - DAY, opt_outs=100)  # of emails: that is what the link is for

    (standing,) = reputation.enforce(now=NOW)

    assert (standing.rule, standing.is_stop) == (OPT_OUTS, False)
    assert standing.in_words() == (
        "50.00 % of the marketing texts of the last 7 days were answered by opting out "
        "(100 of 200); 2 % is a warning."
    )
    assert state_of(running) == ("running", "")


@pytest.mark.parametrize("kind", ["transactional", "test"])
def test_only_marketing_messages_count(shop, running, kind):
    mailed(shop, 100, at=NOW - DAY, complaints=50, kind=kind)

    assert reputation.enforce(now=NOW) == []


@pytest.mark.parametrize(("days", "state"), [(6.99, "paused"), (7.01, "running")])
def test_only_the_last_seven_days_count(shop, running, days, state):
    mailed(shop, 100, at=NOW - days * DAY, complaints=3)

    reputation.enforce(now=NOW)

    assert state_of(running)[0] == state


def resumed(dispatch, *, at):
    """A person has read the figures and goes on."""
    assert outbox.resume(dispatch)
    reputation.note_read(dispatch, now=at)


@pytest.fixture
def read(shop, running):
    """Stopped for 3 of 1,000, read and resumed at NOW."""
    mailed(shop, 1_000, at=NOW - DAY, complaints=3)
    reputation.enforce(now=NOW)
    resumed(running, at=NOW)
    return running


def test_what_was_read_does_not_stop_again(read):
    found = reputation.enforce(now=NOW + DAY)

    assert [(each.signs, each.is_stop) for each in found] == [(3, False)]
    assert state_of(read) == ("running", "")
    assert reputation.hold(DispatchFactory(shop=read.shop), now=NOW + DAY) is False


def test_what_went_out_after_the_resume_stops_by_its_own_figure(shop, read):
    mailed(shop, 1_000, at=NOW + DAY, complaints=2)
    reputation.enforce(now=NOW + 2 * DAY)
    assert state_of(read) == ("running", "")

    mailed(shop, 100, at=NOW + DAY, complaints=2)  # 4 of 1,100 since then
    reputation.enforce(now=NOW + 2 * DAY)

    assert state_of(read) == STOPPED


@pytest.mark.parametrize(("late", "state"), [(1, "running"), (2, "paused")])
def test_late_complaints_stop_again_once_the_figure_is_half_as_high_again(read, late, state):
    first = Dispatch.objects.get(shop=read.shop, state="done").communications
    more = first.filter(complained_at=None).order_by("pk").values_list("pk", flat=True)[:late]
    first.filter(pk__in=list(more)).update(complained_at=NOW)

    reputation.enforce(now=NOW + DAY)

    assert state_of(read)[0] == state


def test_another_sign_stops_though_the_first_was_read(shop, read):
    mailed(shop, 200, at=NOW - DAY, bounces=100)

    reputation.enforce(now=NOW + DAY)

    assert state_of(read) == STOPPED


def test_reading_in_one_shop_lets_no_other_go_on(read):
    other = ContentFactory(channel="email").dispatch
    mailed(other.shop, 1_000, at=NOW - DAY, complaints=3)

    reputation.enforce(now=NOW + DAY)

    assert (state_of(read)[0], state_of(other)) == ("running", STOPPED)


def test_somebody_who_resumes_in_this_moment_is_not_overruled(shop, running):
    """The figures were taken before he read them; the pause comes after his resume."""
    mailed(shop, 1_000, at=NOW - DAY, complaints=3)
    (standing,) = reputation.standings(now=NOW)
    outbox.pause(running, cause="reputation")
    resumed(running, at=NOW)

    reputation._stop(standing, now=NOW)

    assert state_of(running) == ("running", "")
    assert not AuditEntry.objects.filter(action=reputation.STOPPED).exists()


def test_asks_as_often_for_three_shops_as_for_one(django_assert_num_queries):
    for _ in range(3):
        mailed(ShopFactory(), 100, at=NOW - DAY, complaints=2)

    with django_assert_num_queries(2):
        assert len(reputation.standings(now=NOW)) == 3
