"""Who a sign-up is about, what is recorded, and what confirms it."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from customers import consent, erasure, sign_up
from customers.addresses import address_hmac
from customers.models import ContactConsent, ContactConsentDetail, Customer, OptInRequest
from customers.sign_up import Person
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory
from customers.tests.sign_ups import SAM, ask

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
PHONE, EMAIL = "+12125550123", "sam@example.test"


@pytest.fixture
def shop():
    shop = ShopFactory()
    CustomerFactory(phone=PHONE, email=EMAIL)  # the same person at another shop
    return shop


def decision(customer, channel="sms") -> str:
    people = Customer.objects.filter(pk=customer.pk)
    return consent.annotate_decision(people, channel=channel).get().consent_decision


def reply(shop, *, at=NOW, phone=PHONE):
    return sign_up.confirm_by_reply(
        address_hmac=address_hmac(phone), shop_ids=[shop.pk], at=at, now=at
    )


def test_new_person_becomes_a_customer_with_the_evidence(shop):
    ask(shop, now=NOW, sms=PHONE, email=EMAIL)

    customer = Customer.objects.for_shop(shop).get()
    details = ContactConsentDetail.objects.for_shop(shop).order_by("consent__channel")
    assert (customer.full_name, customer.phone, customer.email) == ("Sam Taylor", PHONE, EMAIL)
    assert (customer.source, customer.language) == ("sign_up", "en")
    assert [decision(customer, channel) for channel in ("sms", "email")] == ["opted_in"] * 2
    assert [(d.address, d.ip, d.user_agent) for d in details] == [
        (EMAIL, "203.0.113.7", "Phone/1"),
        (PHONE, "203.0.113.7", "Phone/1"),
    ]
    entry = customer.consents.get(channel="sms")
    assert (entry.source, entry.given_at) == ("sign_up_page", NOW)
    assert entry.disclosure_version.startswith("sms/")
    assert f"{shop.name} may send me" in entry.detail.disclosure_text
    assert consent.verify(customer)


def test_known_person_is_found_by_his_address_and_keeps_his_name(shop):
    known = CustomerFactory(shop=shop, first_name="Samuel", last_name="T.", phone=PHONE, email="")

    ask(shop, now=NOW, sms=PHONE)

    known.refresh_from_db()
    assert Customer.objects.for_shop(shop).get() == known
    assert (known.full_name, known.source) == ("Samuel T.", "staff")
    assert decision(known) == "opted_in"


def test_new_address_is_added_to_who_is_called_the_same_and_to_nobody_else(shop):
    same = CustomerFactory(shop=shop, first_name="sam", last_name="Taylor", phone=PHONE, email="")
    other = CustomerFactory(
        shop=shop, first_name="Kim", last_name="Poe", phone="+12125550177", email=""
    )

    ask(shop, now=NOW, sms=PHONE, email=EMAIL)
    ask(shop, now=NOW, sms="+12125550177", email="mallory@example.test")

    same.refresh_from_db()
    other.refresh_from_db()
    assert (same.email, other.email) == (EMAIL, "")
    stranger = Customer.objects.for_shop(shop).get(email="mallory@example.test")
    assert (stranger.first_name, stranger.phone) == ("Sam", "")


def test_of_a_family_with_one_number_the_one_of_this_name_is_meant(shop):
    first = CustomerFactory(shop=shop, first_name="Kim", last_name="Taylor", phone=PHONE)
    sam = CustomerFactory(shop=shop, first_name="Sam", last_name="Taylor", phone=PHONE)

    ask(shop, now=NOW, sms=PHONE)
    ask(shop, now=NOW, sms=PHONE, person=Person(first_name="Nobody"))

    assert list(sam.consents.values_list("seq", flat=True)) == [1]
    assert list(first.consents.values_list("seq", flat=True)) == [1]


def test_erased_customer_is_not_found_again(shop):
    erased = CustomerFactory(shop=shop, phone=PHONE)
    erasure.erase(erased, reason="He asked for it.")

    ask(shop, now=NOW, sms=PHONE)

    erased.refresh_from_db()
    assert (erased.phone, erased.consents.count()) == ("", 0)
    assert Customer.objects.for_shop(shop).present().get().phone == PHONE


def test_sign_up_that_has_to_be_confirmed_counts_only_afterwards(shop):
    (asked,) = ask(shop, now=NOW, must_confirm=True, sms=PHONE)
    customer = asked.customer
    before = decision(customer)

    entries = reply(shop, at=NOW + dt.timedelta(hours=1))

    assert (before, decision(customer)) == ("", "opted_in")
    (entry,) = entries
    assert (entry.customer, entry.given_at) == (customer, NOW + dt.timedelta(hours=1))
    assert entry.detail.disclosure_text == asked.disclosure_text
    assert (entry.detail.ip, entry.detail.note[:6]) == ("203.0.113.7", "Asked ")
    assert reply(shop, at=NOW + dt.timedelta(hours=2)) == []


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        (dt.timedelta(hours=-1), False),
        (dt.timedelta(0), True),
        (dt.timedelta(hours=72, seconds=-1), True),
        (dt.timedelta(hours=72), False),
    ],
)
def test_confirmation_counts_for_three_days(shop, after, counts):
    ask(shop, now=NOW, must_confirm=True, sms=PHONE)

    assert bool(reply(shop, at=NOW + after)) is counts


def test_reply_confirms_in_the_shops_it_is_for_and_from_that_number_only(shop):
    other = ShopFactory()
    ask(shop, now=NOW, must_confirm=True, sms=PHONE)
    ask(other, now=NOW, must_confirm=True, sms=PHONE)
    ask(shop, now=NOW, must_confirm=True, sms="+12125550177")

    reply(shop)

    confirmed = OptInRequest.objects.exclude(confirmed_at=None)
    assert [(r.shop, r.address_hmac) for r in confirmed] == [(shop, address_hmac(PHONE))]


def test_several_sign_ups_of_one_number_are_one_consent(shop):
    for minutes in (0, 5):
        ask(shop, now=NOW + dt.timedelta(minutes=minutes), must_confirm=True, sms=PHONE)

    assert len(reply(shop, at=NOW + dt.timedelta(minutes=6))) == 1
    assert not OptInRequest.objects.filter(confirmed_at=None).exists()


def test_confirmation_for_a_number_that_changed_since_is_worth_nothing(shop):
    (asked,) = ask(shop, now=NOW, must_confirm=True, sms=PHONE)
    asked.customer.phone = "+12125550177"
    asked.customer.save()

    assert reply(shop) == []
    assert not ContactConsent.objects.for_shop(shop).exists()


def test_link_confirms_an_email_once_and_no_text(shop):
    texts, emails = ask(shop, now=NOW, must_confirm=True, sms=PHONE, email=EMAIL)

    by_wrong_link = sign_up.confirm_by_link(texts.uuid, now=NOW)
    first = sign_up.confirm_by_link(emails.uuid, now=NOW, ip="198.51.100.1", user_agent="Mail/2")
    again = sign_up.confirm_by_link(emails.uuid, now=NOW)

    assert (by_wrong_link, again) == ([], [])
    assert [entry.channel for entry in first] == ["email"]
    assert "from 198.51.100.1, Mail/2" in first[0].detail.note


def test_who_once_said_no_has_to_confirm_whatever_the_setting(shop):
    customer = CustomerFactory(shop=shop, phone=PHONE, email=EMAIL)
    opt_in(customer, "email")
    customer.opt_out("sms", source="sms_stop", now=NOW - dt.timedelta(days=1))

    texts, emails = ask(shop, now=NOW, sms=PHONE, email=EMAIL)

    assert (texts.confirmed_at, emails.confirmed_at) == (None, NOW)
    assert decision(customer) == "opted_out"


def test_one_address_and_one_place_can_sign_up_so_often_and_no_more(shop):
    later = NOW + dt.timedelta(minutes=1)
    for _ in range(sign_up.MOST_PER_ADDRESS):
        assert not sign_up.is_too_often(address=PHONE, now=later)
        ask(shop, now=NOW, sms=PHONE, ip="203.0.113.7")

    assert sign_up.is_too_often(address=PHONE, now=later)
    assert not sign_up.is_too_often(address=EMAIL, now=later)
    assert not sign_up.is_too_often(address=PHONE, now=NOW + dt.timedelta(hours=24))
    OptInRequest.objects.bulk_create(
        OptInRequest(
            shop=shop,
            customer=Customer.objects.for_shop(shop).get(),
            channel="sms",
            address_hmac="0" * 32,
            source="sign_up_page",
            ip="203.0.113.7",
            asked_at=NOW,
            expires_at=NOW,
        )
        for _ in range(sign_up.MOST_PER_IP)
    )
    assert sign_up.is_crowd(ip="203.0.113.7", now=later)
    assert not sign_up.is_crowd(ip="203.0.113.8", now=later)
    assert not sign_up.is_crowd(ip="203.0.113.7", now=NOW + dt.timedelta(hours=1))
    assert not sign_up.is_crowd(ip=None, now=later)


def test_person_is_called_the_same_without_regard_to_case_or_a_missing_last_name():
    assert SAM.first_name == "Sam"
    customer = Customer(first_name="SAM", last_name="")
    assert sign_up._is_called(customer, SAM)
    assert not sign_up._is_called(Customer(first_name="", last_name=""), SAM)
    assert not sign_up._is_called(Customer(first_name="Sam", last_name="Poe"), SAM)


def test_one_reply_confirms_the_newest_sign_up_of_a_shared_number_and_no_other(shop):
    other = ShopFactory()
    earlier = NOW - dt.timedelta(hours=59)
    (older,) = ask(other, now=earlier, must_confirm=True, sms=PHONE)
    (newest,) = ask(shop, now=NOW, must_confirm=True, sms=PHONE)

    first = sign_up.confirm_by_reply(
        address_hmac=address_hmac(PHONE), shop_ids={shop.pk, other.pk}, at=NOW, now=NOW
    )

    older.refresh_from_db()
    newest.refresh_from_db()
    assert [entry.customer for entry in first] == [newest.customer]
    assert (older.confirmed_at, newest.confirmed_at) == (None, NOW)


def test_reply_is_for_the_newest_sign_up_that_still_counts(shop):
    (older,) = ask(shop, now=NOW - dt.timedelta(hours=1), must_confirm=True, sms=PHONE)
    other = ShopFactory()
    (gone,) = ask(other, now=NOW, must_confirm=True, sms=PHONE)
    erasure.erase(gone.customer, reason="asked")

    entries = sign_up.confirm_by_reply(
        address_hmac=address_hmac(PHONE), shop_ids={shop.pk, other.pk}, at=NOW, now=NOW
    )

    gone.refresh_from_db()
    assert [entry.customer for entry in entries] == [older.customer]
    assert gone.confirmed_at is None


@pytest.mark.parametrize("must_confirm", [False, True])
def test_name_that_was_typed_is_kept_where_the_record_has_another(shop, must_confirm):
    ann = CustomerFactory(shop=shop, first_name="Ann", last_name="Lee", phone=PHONE, email="")
    bob = Person(first_name="Bob", last_name="Lee")

    ask(shop, now=NOW, person=bob, must_confirm=must_confirm, sms=PHONE)
    reply(shop)

    (entry,) = ann.consents.all()
    assert entry.detail.note.startswith("Signed up as Bob Lee.")
    assert ann.opt_in_requests.get().typed_name == "Bob Lee"
    erasure.erase(ann, reason="asked")
    assert ann.opt_in_requests.get().typed_name == ""


def test_name_that_is_the_records_own_is_not_repeated(shop):
    ask(shop, now=NOW, sms=PHONE)

    assert ContactConsentDetail.objects.for_shop(shop).get().note == ""
