"""When an account makes no calls, and who tries first afterwards."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications.delivery import breaker
from communications.models import ProviderAccount

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
HANDS = 8
CLOSED_FOR_A_MINUTE = breaker.Permit(0, 60.0)


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
def account():
    return ProviderAccount.objects.create(shop=ShopFactory(), provider="twilio", name="own")


@pytest.fixture(autouse=True)
def stranger():
    """Another shop's account, which no failure of ours may close."""
    stranger = ProviderAccount.objects.create(shop=ShopFactory(), provider="twilio", name="other")
    yield stranger
    assert breaker.permits(stranger, now=after(0)) == breaker.FREE


def again(account) -> ProviderAccount:
    """The same account as another worker reads it."""
    return ProviderAccount.objects.get(pk=account.pk)


def permits(account, *, at=0.0) -> breaker.Permit:
    return breaker.permits(again(account), now=after(at))


def fail(account, times=1, *, at=0.0) -> None:
    for _ in range(times):
        breaker.failed(account.pk, now=after(at))


def test_four_failures_change_nothing_and_the_fifth_closes(account):
    fail(account, 4)
    assert permits(account) == breaker.FREE

    fail(account)

    assert permits(account) == CLOSED_FOR_A_MINUTE
    assert permits(account, at=59.5) == breaker.Permit(0, 0.5)


def test_a_success_between_them_begins_the_row_anew(account):
    fail(account, 4)
    breaker.succeeded(account.pk, now=NOW)
    fail(account, 4)

    assert permits(account) == breaker.FREE


def test_after_a_minute_one_worker_wins_one_trial(account):
    fail(account, 5)

    assert permits(account, at=60) == breaker.TRIAL
    assert permits(account, at=60) == CLOSED_FOR_A_MINUTE


def test_the_winner_keeps_its_trial_when_it_is_asked_again(account):
    """The claim wins it, the gate asks once more."""
    fail(account, 5)
    mine = again(account)

    assert breaker.permits(mine, now=after(60)) == breaker.TRIAL
    assert breaker.permits(mine, now=after(61)) == breaker.TRIAL
    assert permits(account, at=61).calls == 0


def test_a_trial_is_no_more_when_the_provider_asks_to_wait(account):
    fail(account, 5)
    mine = again(account)
    breaker.permits(mine, now=after(60))

    breaker.wait_until(account.pk, after(300))

    assert breaker.permits(mine, now=after(61)) == breaker.Permit(0, 239.0)


def test_a_trial_that_succeeds_opens_for_all(account):
    fail(account, 5)
    permits(account, at=60)

    breaker.succeeded(account.pk, now=after(61))

    assert permits(account, at=61) == breaker.FREE
    row = again(account)
    assert (row.failures, row.open_until) == (0, None)


def test_a_trial_that_fails_closes_for_another_minute(account):
    fail(account, 5)
    permits(account, at=60)

    fail(account, at=65)

    assert permits(account, at=65) == CLOSED_FOR_A_MINUTE
    assert permits(account, at=125) == breaker.TRIAL


def test_a_trial_that_was_lost_is_given_again_after_a_minute(account):
    """Its worker was killed: nobody will ever report."""
    fail(account, 5)
    permits(account, at=60)

    assert permits(account, at=119).calls == 0
    assert permits(account, at=120) == breaker.TRIAL


def test_a_trial_without_a_message_goes_to_the_next_who_asks(account):
    fail(account, 5)
    mine = again(account)
    breaker.permits(mine, now=after(60))

    breaker.return_trial(again(account), now=after(61))  # which has none
    assert permits(account, at=61).calls == 0
    breaker.return_trial(mine, now=after(61))

    assert permits(account, at=61) == breaker.TRIAL
    breaker.return_trial(mine, now=after(62))  # no more
    assert permits(account, at=62).calls == 0


def test_a_trial_given_back_does_not_end_a_wait_that_came_meanwhile(account):
    fail(account, 5)
    mine = again(account)
    breaker.permits(mine, now=after(60))
    breaker.wait_until(account.pk, after(300))

    breaker.return_trial(mine, now=after(61))

    assert permits(account, at=61) == breaker.Permit(0, 239.0)


@pytest.mark.django_db(transaction=True)
def test_of_many_askers_one_wins_the_trial(tmp_path):
    with database_in_a_file(tmp_path):
        account = ProviderAccount.objects.create(shop=ShopFactory(), provider="twilio", name="own")
        fail(account, 5)

        answers = at_once(HANDS, lambda _: permits(account, at=60))

        assert sorted(answer.calls for answer in answers) == [0] * (HANDS - 1) + [1]


@pytest.mark.django_db(transaction=True)
def test_no_failure_is_lost_among_many_at_once(tmp_path):
    with database_in_a_file(tmp_path):
        account = ProviderAccount.objects.create(shop=ShopFactory(), provider="twilio", name="own")

        at_once(HANDS, lambda _: fail(account, 5))

        assert again(account).failures == HANDS * 5


def test_a_provider_that_asks_to_wait_is_not_called_before(account):
    breaker.wait_until(account.pk, after(30))

    assert permits(account) == breaker.Permit(0, 30.0)
    assert permits(account, at=30) == breaker.FREE


def test_no_wait_is_ever_shortened(account):
    breaker.wait_until(account.pk, after(300))
    breaker.wait_until(account.pk, after(30))
    fail(account, 5)

    assert permits(account) == breaker.Permit(0, 300.0)


def test_a_success_does_not_end_a_wait_that_the_provider_asked_for(account):
    """It was begun before the provider said so."""
    fail(account)
    breaker.wait_until(account.pk, after(30))

    breaker.succeeded(account.pk, now=after(1))

    assert permits(account, at=1) == breaker.Permit(0, 29.0)


def test_a_success_with_nothing_to_end_writes_nothing(account):
    breaker.wait_until(account.pk, after(30))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        breaker.succeeded(account.pk, now=NOW)

    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]


def test_a_whole_night_of_failures_can_be_counted(account):
    ProviderAccount.objects.filter(pk=account.pk).update(failures=breaker.MOST_COUNTED)

    fail(account, 2)

    assert again(account).failures == breaker.MOST_COUNTED
    assert permits(account).calls == 0


def test_a_person_may_begin_the_trial_early(account):
    fail(account, 5)

    assert breaker.try_again(account.pk, now=after(10))

    assert permits(account, at=10) == breaker.TRIAL
    assert permits(account, at=10).calls == 0


def test_a_person_may_end_the_providers_wait(account):
    breaker.wait_until(account.pk, after(3600))

    assert breaker.try_again(account.pk, now=after(10))
    assert permits(account, at=10) == breaker.FREE
    assert not breaker.try_again(account.pk, now=after(10))


def test_an_account_that_is_switched_off_begins_no_calls(account):
    ProviderAccount.objects.filter(pk=account.pk).update(is_active=False)

    assert breaker.permits(account, now=NOW) == CLOSED_FOR_A_MINUTE
