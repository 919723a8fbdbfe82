"""Admin of provider accounts: how fast they may go, and when they are closed."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory
from communications.delivery import breaker
from communications.models import ProviderAccount, SenderIdentity

pytestmark = pytest.mark.django_db
LIST = reverse("admin:communications_provideraccount_changelist")
SENDERS = reverse("admin:communications_senderidentity_add")
NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
Role = Membership.Role


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def manager(client):
    member = MembershipFactory(role=Role.MANAGER, user__is_staff=True)
    client.force_login(member.user)
    client.shop = member.shop
    return client


def make_account(shop=None, **fields) -> ProviderAccount:
    return ProviderAccount.objects.create(shop=shop, provider="twilio", name="Own", **fields)


def waiting(shop=None, *, failures=5) -> ProviderAccount:
    until = timezone.now() + dt.timedelta(minutes=1)
    return make_account(shop, failures=failures, open_until=until)


def confirm(client, *rows):
    form = {"action": "try_again", "_selected_action": [row.pk for row in rows]}
    question = client.post(LIST, form)
    token = question.context["token"]
    return client.post(LIST, form | {"confirm_token": token}, follow=True)


def texts(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Calls go out."),
        ({"failures": 2}, "Calls go out; the last 2 failed."),
        ({"failures": 5, "minutes": 31}, "No calls until 12:31 UTC: 5 failures in a row."),
        ({"minutes": 31}, "No calls until 12:31 UTC: the provider asked us to wait."),
        (
            {"minutes": 12 * 60},
            "No calls until 2027-03-02 00:00 UTC: the provider asked us to wait.",
        ),
        ({"failures": 6, "minutes": 0}, "The next call is a trial: 6 failures in a row."),
        ({"failures": 6, "is_active": False}, "No calls: it is switched off."),
    ],
)
def test_state_of_an_account_is_said_in_words(fields, said):
    minutes = fields.pop("minutes", None)
    until = None if minutes is None else NOON + dt.timedelta(minutes=minutes)
    account = ProviderAccount(name="Own", open_until=until, **fields)

    assert breaker.in_words(account, now=NOON) == said


def test_list_says_the_state_and_the_limit(root, settings):
    settings.TWILIO_MESSAGES_PER_SECOND = 50.0
    waiting()
    make_account(ShopFactory(), messages_per_second=0.5)

    page = root.get(LIST).content.decode()

    assert "5 failures in a row." in page
    assert "50 per second (the installation&#x27;s settings)" in page
    assert "0.5 per second" in page


def test_trying_again_is_asked_first_and_kept_in_the_audit_log(manager):
    account = waiting(manager.shop)
    stranger = waiting(ShopFactory())

    question = manager.post(LIST, {"action": "try_again", "_selected_action": [account.pk]})
    assert breaker.permits(account, now=timezone.now()).calls == 0
    assert "one call" in question.content.decode()
    answer = confirm(manager, account)

    assert texts(answer) == ["Own is tried again with the next message."]
    assert breaker.permits(account, now=timezone.now()) == breaker.TRIAL
    assert breaker.permits(stranger, now=timezone.now()).calls == 0
    assert AuditEntry.objects.get().action == "provider_account.try_again"


def test_the_installations_account_can_be_tried_again(root):
    account = waiting(failures=0)

    assert texts(confirm(root, account)) == ["Own is tried again with the next message."]
    assert breaker.permits(account, now=timezone.now()) == breaker.FREE
    assert texts(confirm(root, account)) == ["Own: Calls go out."]


def test_an_account_that_makes_calls_offers_no_trial(root):
    account = make_account()

    question = root.post(LIST, {"action": "try_again", "_selected_action": [account.pk]})

    assert "Calls go out." in question.content.decode()
    assert not question.context["possible"]


def test_another_shops_account_cannot_be_tried_again(manager):
    account = waiting(ShopFactory())

    manager.post(LIST, {"action": "try_again", "_selected_action": [account.pk]})

    assert breaker.permits(account, now=timezone.now()).calls == 0


@pytest.mark.parametrize("wrong", ["0", "-1", "nan", "inf", "many"])
def test_a_limit_must_be_a_number_above_zero(root, wrong):
    account = make_account()
    url = reverse("admin:communications_provideraccount_change", args=[account.pk])

    answer = root.post(url, {"name": "Own", "is_active": "on", "messages_per_second": wrong})

    assert "messages_per_second" in answer.context["adminform"].form.errors


def test_a_limit_can_be_set_and_taken_away(root):
    account = make_account()
    url = reverse("admin:communications_provideraccount_change", args=[account.pk])

    root.post(url, {"name": "Own", "is_active": "on", "messages_per_second": "12.5"})
    assert ProviderAccount.objects.get().messages_per_second == 12.5
    root.post(url, {"name": "Own", "is_active": "on", "messages_per_second": ""})
    assert ProviderAccount.objects.get().messages_per_second is None


def test_a_sender_goes_through_an_account_of_its_channel(root):
    shop = ShopFactory()
    texting = make_account(shop)
    form = {"shop": shop.pk, "account": texting.pk, "is_default": "on", "messages_per_second": "1"}

    refused = root.post(SENDERS, form | {"channel": "email", "address": "hi@shop.example"})
    assert "account" in refused.context["adminform"].form.errors
    root.post(SENDERS, form | {"channel": "sms", "address": "+12015550100"})

    made = SenderIdentity.objects.get()
    assert (made.account, made.messages_per_second) == (texting, 1.0)
