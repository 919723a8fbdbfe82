"""Which account a shop sends through, as whom, and how fast it may."""

import pytest

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications import accounts
from communications.models import ProviderAccount, SenderIdentity

pytestmark = pytest.mark.django_db
Provider = ProviderAccount.Provider
HANDS = 8


def make_account(shop, provider=Provider.TWILIO, **fields) -> ProviderAccount:
    fields.setdefault("name", "own")
    return ProviderAccount.objects.create(shop=shop, provider=provider, **fields)


def make_sender(shop, **fields) -> SenderIdentity:
    fields.setdefault("channel", "sms")
    fields.setdefault("address", "+12015550100")
    return SenderIdentity.objects.create(shop=shop, **fields)


def test_default_senders_account_comes_before_the_shops_other_accounts():
    shop = ShopFactory()
    make_account(shop, name="first made")
    meant = make_account(shop, name="of the number")
    make_sender(shop, account=meant)
    make_sender(shop, address="+12015550199", is_default=False, account=make_account(ShopFactory()))

    assert accounts.account_for(shop=shop, channel="sms") == meant


def test_senders_account_is_meant_even_when_it_is_switched_off():
    """Its number works through no other account: the messages wait for it."""
    shop = ShopFactory()
    make_account(shop)
    off = make_account(shop, name="off", is_active=False)
    make_sender(shop, account=off)

    assert accounts.account_for(shop=shop, channel="sms") == off


def test_shops_own_active_account_comes_before_the_installations():
    shop = ShopFactory()
    make_account(None, name="default")
    make_account(shop, name="off", is_active=False)
    own = make_account(shop)
    make_account(shop, provider=Provider.SENDGRID, name="mail")

    assert accounts.account_for(shop=shop, channel="sms") == own


def test_account_of_another_provider_is_not_the_senders():
    shop = ShopFactory()
    make_sender(shop, account=make_account(shop, provider=Provider.SENDGRID))

    assert accounts.account_for(shop=shop, channel="sms").shop is None


def test_another_shops_account_is_never_used():
    make_account(ShopFactory())

    account = accounts.account_for(shop=ShopFactory(), channel="sms")

    assert (account.shop, account.provider, account.name) == (None, "twilio", "default")


def test_installations_account_is_made_once_per_provider():
    shops = ShopFactory.create_batch(2)

    made = [
        accounts.account_for(shop=shop, channel=channel)
        for shop in shops
        for channel in ("sms", "email")
    ]

    assert made[:2] == made[2:]
    assert sorted(account.provider for account in ProviderAccount.objects.all()) == [
        "sendgrid",
        "twilio",
    ]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_miss_the_installations_account_one_makes_it(tmp_path):
    with database_in_a_file(tmp_path):
        shop = ShopFactory()
        made = at_once(HANDS, lambda _: accounts.account_for(shop=shop, channel="email").pk)

        assert set(made) == {ProviderAccount.objects.get().pk}


def test_account_costs_two_queries_at_most(django_assert_num_queries):
    shop = ShopFactory()
    accounts.account_for(shop=shop, channel="sms")

    with django_assert_num_queries(2):
        accounts.account_for(shop=shop, channel="sms")
    make_sender(shop, account=make_account(shop))
    with django_assert_num_queries(1):
        accounts.account_for(shop=shop, channel="sms")


def test_sender_is_the_shops_own_else_the_installations(settings):
    named, bare = ShopFactory(name="Fade & Co"), ShopFactory(name="Bare")
    make_sender(named, channel="email", address="hi@fade.example")
    make_sender(named)

    assert accounts.sender_for(shop=named, channel="email").address == "hi@fade.example"
    assert accounts.sender_for(shop=named, channel="email").name == "Fade & Co"
    assert accounts.sender_for(shop=named, channel="sms").address == "+12015550100"
    settings.SENDGRID_FROM_NAME = ""
    ours = accounts.sender_for(shop=bare, channel="email")
    assert (ours.address, ours.name) == (settings.SENDGRID_FROM_EMAIL, "Bare")
    assert accounts.sender_for(shop=bare, channel="sms").address == settings.TWILIO_PHONE_NUMBER


def test_settings_limit_the_installations_accounts_alone(settings):
    settings.TWILIO_MESSAGES_PER_SECOND = 7.0
    ours, shops = make_account(None, name="default"), make_account(ShopFactory())
    mail = make_account(None, provider=Provider.SENDGRID, name="default")

    assert accounts.messages_per_second(ours) == 7.0
    assert accounts.messages_per_second(shops) is None
    assert accounts.messages_per_second(mail) is None
    ours.messages_per_second = 3.0
    assert accounts.messages_per_second(ours) == 3.0


def test_shared_sender_may_what_the_lowest_figure_allows():
    ours = make_account(None, name="default")
    make_sender(ShopFactory(), messages_per_second=9.0)
    make_sender(ShopFactory(), messages_per_second=4.0)
    make_sender(ShopFactory())

    assert accounts.sender_per_second(ours, "+12015550100") == 4.0
    assert accounts.sender_per_second(ours, "+12015550101") is None


def test_another_shops_figure_does_not_limit_a_shops_own_account():
    shop, other = ShopFactory(), ShopFactory()
    own = make_account(shop)
    make_sender(shop, messages_per_second=9.0)
    make_sender(other, messages_per_second=0.01)
    make_sender(ShopFactory(), account=make_account(other), messages_per_second=0.02)

    assert accounts.sender_per_second(own, "+12015550100") == 9.0
