"""How many messages a second: buckets that all workers share."""

import datetime as dt
import random
from itertools import combinations_with_replacement

import pytest

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications.delivery import rate
from communications.models import ProviderAccount, RateBucket, SenderIdentity

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
NUMBER = "+12015550100"
HANDS = 8


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def limited(shop, per_second, *, sender=None, address=NUMBER) -> ProviderAccount:
    account = ProviderAccount.objects.create(
        shop=shop, provider="twilio", name="own", messages_per_second=per_second
    )
    SenderIdentity.objects.create(
        shop=shop, channel="sms", address=address, account=account, messages_per_second=sender
    )
    return account


def take(account, wanted, *, at=0.0, sender=NUMBER) -> rate.Grant:
    return rate.take(account=account, sender=sender, wanted=wanted, now=after(at))


def give_back(account, messages, *, at=0.0) -> None:
    rate.give_back(account=account, sender=NUMBER, messages=messages, now=after(at))


def test_account_without_a_limit_grants_all_and_has_no_bucket(shop, django_assert_num_queries):
    account = limited(shop, None)

    with django_assert_num_queries(1):  # whether the sender has a limit
        assert take(account, 1000) == rate.Grant(1000)
    with django_assert_num_queries(1):
        give_back(account, 1000)

    assert not RateBucket.objects.exists()


def test_part_of_what_is_wanted_is_granted(shop):
    account = limited(shop, 37.0)

    grant = take(account, 1000)

    assert grant.messages == 37
    assert take(account, 1000).messages == 0


def test_nothing_wanted_takes_nothing(shop):
    account = limited(shop, 5.0)

    assert take(account, 0) == rate.Grant(0)
    assert take(account, -3) == rate.Grant(0)
    assert take(account, 5).messages == 5


def test_tokens_come_back_with_time_up_to_one_seconds_worth(shop):
    account = limited(shop, 50.0)
    take(account, 50)

    assert take(account, 50, at=0.02).messages == 1
    assert take(account, 50, at=0.5).messages == 24
    assert take(account, 1000, at=3600).messages == 50


@pytest.mark.parametrize("per_second", [0.01, 0.5, 1.0, 7.3, 50.0, 200.0, 9999.0])
def test_after_the_wait_something_is_granted(shop, per_second):
    """Never one message too early, and never an hour of rounding too late."""
    account = limited(shop, per_second)
    at = 0.0
    for _ in range(30):
        wait = take(account, 20_000, at=at).wait
        assert 0 < wait <= max(1 / per_second, rate.WORTHWHILE) + 0.001
        at += wait
        assert take(account, 1, at=at).messages == 1


def test_wait_is_for_a_few_messages_together(shop):
    fast, slow = limited(shop, 200.0), limited(ShopFactory(), 2.0)
    take(fast, 200)
    take(slow, 2)

    assert take(fast, 200).wait == pytest.approx(0.1, abs=1e-5)
    assert take(fast, 5).wait == pytest.approx(0.025, abs=1e-5)
    assert take(slow, 200).wait == pytest.approx(0.5, abs=1e-5)


def test_both_buckets_give_or_neither_does(shop):
    account = limited(shop, 10.0, sender=3.0)

    assert take(account, 10).messages == 3
    assert take(account, 10).messages == 0
    tokens = dict(RateBucket.objects.values_list("key", "tokens"))
    assert tokens == {f"account:{account.pk}": 7.0, f"sender:{account.pk}:{NUMBER}": 0.0}


def test_senders_of_one_account_share_its_bucket_and_no_other(shop):
    account = limited(shop, 10.0, sender=3.0)
    stranger = limited(ShopFactory(), 10.0, sender=3.0)
    take(stranger, 10)

    assert take(account, 3).messages == 3
    assert take(account, 10, sender="+12015550177").messages == 7


def test_sender_of_any_length_has_a_bucket(shop):
    long = "h" * 240 + "@example.com"
    account = limited(shop, None, sender=4.0, address=long)

    assert take(account, 10, sender=long).messages == 4
    assert take(account, 10, sender=long).messages == 0


def test_changed_rate_counts_at_once(shop):
    account = limited(shop, 100.0)
    take(account, 10)
    account.messages_per_second = 5.0
    assert take(account, 100).messages == 5

    account.messages_per_second = 200.0
    assert take(account, 100, at=0.1).messages == 20

    account.messages_per_second = None
    assert take(account, 100, at=0.1).messages == 100


def test_figure_of_the_settings_limits_the_installations_account(settings):
    settings.TWILIO_MESSAGES_PER_SECOND = 6.0
    account = ProviderAccount.objects.create(provider="twilio", name="default")

    assert take(account, 10).messages == 6


def test_clock_that_goes_back_mints_nothing(shop):
    account = limited(shop, 10.0)
    take(account, 10, at=100)

    for at in (0, 99, 50, 100):
        assert take(account, 10, at=at).messages == 0
    assert take(account, 10, at=100.5).messages == 5


def test_what_is_given_back_is_there_again_and_no_more(shop):
    account = limited(shop, 10.0, sender=8.0)
    take(account, 8)

    give_back(account, 5)
    assert take(account, 10).messages == 5
    give_back(account, 1000)
    assert set(RateBucket.objects.values_list("tokens", flat=True)) == {10.0, 8.0}
    assert take(account, 1000).messages == 8


@pytest.mark.parametrize("per_second", [0.7, 3.0, 50.0, 333.3])
def test_no_window_sees_more_than_its_share(shop, per_second):
    account = limited(shop, per_second, sender=per_second * 1.5)
    draw = random.Random(per_second)
    at, granted = 0.0, []
    for _ in range(120):
        at += draw.choice([0, 0, 0.01, 0.3, 0.3, 4])
        granted.append((at, take(account, draw.randint(1, 500), at=at).messages))

    capacity = max(1.0, per_second)
    for i, j in combinations_with_replacement(range(len(granted)), 2):
        window = granted[j][0] - granted[i][0]
        sent = sum(messages for _, messages in granted[i : j + 1])
        assert sent <= per_second * window + capacity + 1e-6


@pytest.mark.django_db(transaction=True)
def test_many_workers_together_get_no_more_than_one_would_and_hardly_less(tmp_path):
    """No token is granted twice, whoever reads the clock first.

    What somebody gives back after another's later clock has filled the bucket is spilled, as time
    spent with a full bucket is.
    """
    per_second, seconds, steps = 40.0, 10, 40

    with database_in_a_file(tmp_path):
        account = limited(ShopFactory(), per_second, sender=per_second * 2)

        def work(number: int) -> int:
            draw, kept = random.Random(number), 0
            for step in range(steps):
                at = seconds * step / steps
                got = take(account, draw.randint(40, 80), at=at).messages
                unused = draw.randint(0, got)
                give_back(account, unused, at=at)
                kept += got - unused
                kept += take(account, unused, at=at).messages
            return kept

        kept = sum(at_once(HANDS, work))
        kept += take(account, 10_000, at=seconds - seconds / steps).messages
        limit = per_second * (seconds - seconds / steps) + per_second

        assert limit * 0.9 <= kept <= limit
        assert RateBucket.objects.count() == 2
