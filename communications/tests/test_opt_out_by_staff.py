"""Staff opts somebody out: with a reason, audited, on the page, in admin and by the API."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory
from communications import unsubscribe
from communications.models import Suppression
from communications.tests.answers import causes
from communications.tests.test_compliance import refusal
from customers.models import ContactConsent
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

Role = Membership.Role
REASON = "Said so at the till."
FORM = {"channel": "sms", "about": "everything", "reason": REASON}


@pytest.fixture
def customer():
    return CustomerFactory(phone="+12125550199", email="sam@example.test")


@pytest.fixture
def intruder(customer):
    return CustomerFactory(shop=ShopFactory(), phone=customer.phone, email=customer.email)


@pytest.fixture
def sign_in(client, customer):
    def as_(role=Role.STAFF, **user):
        member = MembershipFactory(shop=customer.shop, role=role, **user)
        client.force_login(member.user)
        return client

    return as_


def opted_out(customer, **kwargs) -> bool:
    said = {"channel": "sms", "reason": REASON, "now": timezone.now()} | kwargs
    return unsubscribe.by_staff(customer, **said)


def nothing_happened(shop) -> bool:
    rows = (Suppression, ContactConsent, AuditEntry)
    return not any(model.objects.filter(shop=shop).exists() for model in rows)


def test_everything_ends_on_that_channel_with_the_reason_as_evidence(customer, intruder):
    user = UserFactory()

    assert opted_out(customer, by=user) is True

    entries = ContactConsent.objects.filter(customer=customer)
    assert sorted(entries.values_list("channel", "topic", "decision", "source")) == [
        ("sms", "appointments", "opted_out", "staff"),
        ("sms", "marketing", "opted_out", "staff"),
    ]
    assert {(e.detail.note, e.detail.recorded_by) for e in entries} == {(REASON, user)}
    assert causes(customer.shop, "sms") == {Suppression.Cause.UNSUBSCRIBED}
    assert causes(customer.shop, "email") == set()
    assert nothing_happened(intruder.shop)


def test_of_offers_alone_leaves_reminders(customer):
    opted_out(customer, topic="marketing")

    assert refusal(customer, kind="marketing", channel="sms") == "suppressed"
    assert refusal(customer, kind="transactional", channel="sms") == ""


def test_of_reminders_ends_offers_too(customer):
    opted_out(customer, topic="appointments")

    assert refusal(customer, kind="marketing", channel="sms") == "suppressed"
    assert refusal(customer, kind="transactional", channel="sms") == "topic"


def test_it_is_audited_once_however_often_it_is_done(customer):
    assert [opted_out(customer) for _ in range(3)] == [True, False, False]

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("customer.opt_out", str(customer.pk))
    assert ContactConsent.objects.count() == 2


def test_customer_without_an_address_is_opted_out_of_a_later_one(customer):
    customer.phone = ""
    customer.save()

    assert opted_out(customer) is True

    assert Suppression.objects.count() == 0
    assert ContactConsent.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "   "])
def test_reason_is_needed(customer, reason):
    with pytest.raises(ValueError, match="reason"):
        opted_out(customer, reason=reason)

    assert nothing_happened(customer.shop)


def test_page_opts_out(sign_in, customer, intruder):
    path = reverse("customer-opt-out", args=[customer.pk])
    client = sign_in()

    asked, answer = client.get(path), client.post(path, FORM)

    assert asked.status_code == 200
    assert answer.headers["Location"] == reverse("customer", args=[customer.pk])
    assert causes(customer.shop, "sms") == {Suppression.Cause.UNSUBSCRIBED}
    assert nothing_happened(intruder.shop)


@pytest.mark.parametrize("missing", FORM)
def test_page_asks_for_what_is_missing(sign_in, customer, missing):
    path = reverse("customer-opt-out", args=[customer.pk])

    answer = sign_in().post(path, {**FORM, missing: ""})

    assert answer.status_code == 400
    assert nothing_happened(customer.shop)


def test_page_of_another_shops_customer_is_not_found(sign_in, intruder):
    path = reverse("customer-opt-out", args=[intruder.pk])
    client = sign_in()

    assert client.get(path).status_code == client.post(path, FORM).status_code == 404
    assert nothing_happened(intruder.shop)


def test_who_may_only_look_is_refused(sign_in, customer):
    path = reverse("customer-opt-out", args=[customer.pk])

    assert sign_in(Role.READ_ONLY).post(path, FORM).status_code == 403
    assert nothing_happened(customer.shop)


def test_customer_page_offers_it(sign_in, customer):
    page = sign_in().get(reverse("customer", args=[customer.pk])).content.decode()

    assert reverse("customer-opt-out", args=[customer.pk]) in page


def admin_form(*rows, **fields) -> dict:
    return {"action": "opt_out", ACTION_CHECKBOX_NAME: [row.pk for row in rows]} | fields


LIST = "admin:customers_customer_changelist"


def test_admin_asks_for_channel_and_reason_first(sign_in, customer):
    client = sign_in(user__is_staff=True)

    question = client.post(reverse(LIST), admin_form(customer))
    without = client.post(
        reverse(LIST), admin_form(customer, confirmed="yes", **FORM | {"reason": ""})
    )

    assert (question.status_code, without.status_code) == (200, 400)
    assert nothing_happened(customer.shop)


def test_admin_opts_out_with_a_reason(sign_in, customer, intruder):
    client = sign_in(user__is_staff=True)

    client.post(reverse(LIST), admin_form(customer, intruder, confirmed="yes", **FORM))

    assert causes(customer.shop, "sms") == {Suppression.Cause.UNSUBSCRIBED}
    assert ContactConsent.objects.filter(customer=customer).count() == 2
    assert nothing_happened(intruder.shop)


def test_admin_of_who_may_only_look_offers_nothing(sign_in, customer):
    client = sign_in(Role.READ_ONLY, user__is_staff=True)

    client.post(reverse(LIST), admin_form(customer, confirmed="yes", **FORM))

    assert nothing_happened(customer.shop)


def api_path(customer) -> str:
    return f"/api/customers/{customer.pk}/opt-out"


def test_api_opts_out(customer, intruder):
    body = {"channel": "sms", "topic": "marketing", "reason": REASON}

    first = token_client(customer.shop).post(api_path(customer), body, format="json")
    again = token_client(customer.shop).post(api_path(customer), body, format="json")

    expected = {"customer": customer.pk, "channel": "sms", "changed": True}
    assert (first.status_code, first.json()) == (200, expected)
    assert again.json() == expected | {"changed": False}
    assert AuditEntry.objects.for_shop(customer.shop).get().token is not None
    assert nothing_happened(intruder.shop)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "sms"}, "reason"),
        ({"channel": "sms", "reason": " "}, "reason"),
        ({"channel": "sms", "reason": "a\nb"}, "reason"),
        ({"channel": "fax", "reason": REASON}, "channel"),
        ({"channel": "sms", "reason": REASON, "topic": "news"}, "topic"),
        ({"channel": "sms", "reason": REASON, "shop": 1}, "shop"),
    ],
)
def test_api_names_what_is_wrong(customer, body, field):
    answer = token_client(customer.shop).post(api_path(customer), body, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert nothing_happened(customer.shop)


def test_api_needs_the_scope_write(customer):
    client = token_client(customer.shop, scopes="read")

    answer = client.post(api_path(customer), {"channel": "sms", "reason": REASON}, format="json")

    assert answer.status_code == 403
    assert nothing_happened(customer.shop)


def test_api_of_another_shop_does_not_find_the_customer(customer, intruder):
    body = {"channel": "sms", "reason": REASON}

    answer = token_client(customer.shop).post(api_path(intruder), body, format="json")

    assert answer.status_code == 404
    assert nothing_happened(intruder.shop)
