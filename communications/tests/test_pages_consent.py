"""Pages for the people of the shop: the address of the sign-up page, and a signed opt-in."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications.models import Suppression
from customers.models import ContactConsent
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

SIGNED = {
    "channel": "sms",
    "given_at": "2026-11-20T10:30",
    "source": "paper form at the till",
    "wording": "I agree to texts.\nSTOP ends them.",
    "version": "form 3",
}


@pytest.fixture
def shop():
    return ShopFactory(name="Cedar", slug="cedar", timezone="America/New_York")


@pytest.fixture
def customer(shop):
    return CustomerFactory(shop=shop, email="")


@pytest.fixture
def staff(client, shop):
    client.force_login(MembershipFactory(shop=shop, role="staff").user)
    return client


def page(customer) -> str:
    return reverse("customer-opt-in", args=[customer.pk])


def test_page_shows_the_address_to_copy_and_the_words(staff, shop):
    shown = staff.get(reverse("customers-sign-up")).content.decode()

    assert 'value="https://shop.example.test/join/cedar/"' in shown
    assert shown.count("Cedar may send me") == 2
    assert shown.count("Counts at once") == 2


def test_signed_opt_in_is_kept_with_its_words_and_who_vouches(staff, customer):
    answer = staff.post(page(customer), SIGNED)

    assert answer["Location"] == reverse("customer", args=[customer.pk])
    entry = ContactConsent.objects.get()
    assert (entry.customer, entry.decision, entry.source) == (
        customer,
        "opted_in",
        "paper form at the till",
    )
    assert entry.given_at == dt.datetime(2026, 11, 20, 15, 30, tzinfo=dt.UTC)
    assert entry.disclosure_version == "form 3"
    assert entry.detail.disclosure_text.splitlines() == SIGNED["wording"].splitlines()
    assert entry.detail.recorded_by is not None


def test_signed_opt_in_stands_in_the_audit_log(staff, customer):
    staff.post(page(customer), SIGNED, headers={"User-Agent": "The till"})
    staff.post(page(customer), SIGNED | {"wording": ""})

    told = AuditEntry.objects.get(shop=customer.shop)
    assert (told.action, told.object_id) == ("customer.opt_in", str(customer.pk))
    assert told.actor == ContactConsent.objects.get().detail.recorded_by
    assert told.detail.user_agent == "The till"
    assert told.detail.after == {
        "channel": "sms",
        "topic": "marketing",
        "consent": ContactConsent.objects.get().pk,
    }


def test_signed_opt_in_ends_a_stop_from_before(staff, customer):
    stop = Suppression.objects.create(
        shop=customer.shop, channel="sms", address_hmac=customer.phone_hmac, cause="stop"
    )
    there = timezone.now().astimezone(customer.shop.zone) - dt.timedelta(minutes=1)

    staff.post(page(customer), SIGNED)  # signed before the STOP
    before = list(Suppression.objects.active())
    staff.post(page(customer), SIGNED | {"given_at": f"{there:%Y-%m-%dT%H:%M}"})

    assert before == [stop]
    assert list(Suppression.objects.active()) == [stop]  # still before it, by a minute


@pytest.mark.parametrize(
    ("cause", "why"), [("stop", "Replied STOP"), ("complained", "Complained"), ("", "")]
)
def test_page_says_when_a_stop_stays_in_spite_of_the_opt_in(staff, customer, cause, why):
    Suppression.objects.create(
        shop=customer.shop, channel="email", address_hmac=customer.phone_hmac, cause="bounced"
    )
    if cause:
        Suppression.objects.create(
            shop=customer.shop, channel="sms", address_hmac=customer.phone_hmac, cause=cause
        )
    there = timezone.now().astimezone(customer.shop.zone)

    answer = staff.post(
        page(customer), SIGNED | {"given_at": f"{there:%Y-%m-%dT%H:%M}"}, follow=True
    )

    (told,) = map(str, answer.context["messages"])
    assert told.startswith("Recorded, with the words that were signed.")
    assert (f"Still no offer goes there: {why}." in told) is bool(cause)
    assert ("Still" in told) is bool(cause)


def test_page_says_when_he_opted_out_after_he_signed(staff, customer):
    customer.opt_out("sms", source="staff")

    answer = staff.post(page(customer), SIGNED, follow=True)

    (told,) = map(str, answer.context["messages"])
    assert "Still no offer goes there: Opted out after it was signed." in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wording": " "}, "This field is required."),
        ({"given_at": "2099-01-01T10:00"}, "This is in the future."),
        ({"given_at": "0001-01-01T00:00"}, "This is too long ago."),
        ({"given_at": "yesterday"}, "Enter a valid date/time."),
        ({"channel": "email"}, "There is no such address"),
        ({"channel": "fax"}, "Select a valid choice"),
        ({"source": ""}, "This field is required."),
    ],
)
def test_opt_in_without_its_proof_is_refused(staff, customer, change, said):
    answer = staff.post(page(customer), SIGNED | change)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not ContactConsent.objects.exists()


def test_who_may_only_look_records_nothing(client, shop, customer):
    client.force_login(MembershipFactory(shop=shop, role="read_only").user)

    assert client.post(page(customer), SIGNED).status_code == 403
    assert not ContactConsent.objects.exists()


def test_another_shops_customer_is_not_found(staff):
    assert staff.post(page(CustomerFactory()), SIGNED).status_code == 404
    assert not ContactConsent.objects.exists()
