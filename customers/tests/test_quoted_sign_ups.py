"""Somebody signs up with a number that is another's record: his name goes when he is erased."""

import datetime as dt
import json

import pytest

from barbershop.tests.factories import ShopFactory
from customers import consent, erasure, export, sign_up
from customers.addresses import address_hmac
from customers.disclosures import shown
from customers.models import ContactConsentDetail, Customer, OptInRequest
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)
PHONE, EMAIL = "+12125550123", "bobby@example.test"
BOBBY = sign_up.Person(first_name="Bobby", last_name="Jones")


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def ann(shop):
    return CustomerFactory(shop=shop, first_name="Ann", last_name="Lee", phone=PHONE, email="")


def ask(shop, *, person=BOBBY, now=NOW, must_confirm=False, **addresses):
    ticked = [
        sign_up.Ticked(
            address=address,
            disclosure=shown(shop=shop, channel=channel, language="en"),
            must_confirm=must_confirm,
        )
        for channel, address in addresses.items()
    ]
    return sign_up.request(
        shop=shop, person=person, ticked=ticked, ip="203.0.113.9", user_agent="his", now=now
    )


def bobby() -> Customer:
    return Customer.objects.get(email=EMAIL)


def kept(customer) -> list[tuple]:
    """What the customer's sign-up and the proof that came of it tell."""
    fields = ("ip", "user_agent", "disclosure_text")
    (asked,) = OptInRequest.objects.filter(customer=customer).values_list("typed_name", *fields)
    (proof,) = ContactConsentDetail.objects.filter(consent__customer=customer).values_list(
        "note", *fields
    )
    return [asked, proof]


@pytest.mark.parametrize("must_confirm", [False, True])
def test_erasure_takes_name_ip_and_browser_from_another_record(shop, ann, must_confirm):
    ask(shop, sms=PHONE, email=EMAIL, must_confirm=must_confirm)
    if must_confirm:
        sign_up.confirm_by_reply(
            address_hmac=address_hmac(PHONE), shop_ids={shop.pk}, at=NOW, now=NOW
        )
    words = shown(shop=shop, channel="sms", language="en").text
    assert erasure.foresee(bobby())[-2][0] == 2

    done = erasure.erase(bobby(), reason="asked")

    assert kept(ann) == [("", None, "", words)] * 2
    assert done.rows["customers.optinrequest"] == 2  # his own, and the one on her record
    assert consent.verify(ann)


def test_erasure_finds_the_name_in_whatever_case_it_was_typed(shop, ann):
    CustomerFactory(shop=shop, first_name="bobby", last_name="JONES", email=EMAIL, phone="")
    ask(shop, sms=PHONE)

    erasure.erase(bobby(), reason="asked")

    assert [row[:2] for row in kept(ann)] == [("", None)] * 2


def test_erasure_leaves_what_others_signed_up(shop, ann):
    longer = sign_up.Person(first_name="Bobby", last_name="Jones. Asked")
    ask(shop, person=longer, sms=PHONE)
    namesake = CustomerFactory(
        shop=shop, first_name="Bobby", last_name="Jones", phone="+12125550177", email=""
    )
    ask(shop, sms=namesake.phone)
    ask(ShopFactory(), sms=PHONE)
    CustomerFactory(shop=shop, first_name="Bobby", last_name="Jones", email=EMAIL, phone="")
    before = list(OptInRequest.objects.values()), list(ContactConsentDetail.objects.values())

    erasure.erase(bobby(), reason="asked")

    after = list(OptInRequest.objects.values()), list(ContactConsentDetail.objects.values())
    assert after == before


def test_first_name_alone_is_followed_only_to_what_was_ticked_at_once(shop, ann):
    first = sign_up.Person(first_name="Bobby")
    other = CustomerFactory(shop=shop, first_name="Eve", phone="+12125550177", email="")
    ask(shop, person=first, sms=PHONE, email=EMAIL)
    ask(shop, person=first, sms=other.phone, now=NOW + dt.timedelta(minutes=1))

    erasure.erase(bobby(), reason="asked")

    assert [row[0] for row in kept(ann)] == ["", ""]
    assert [row[0] for row in kept(other)] == ["Bobby", "Signed up as Bobby."]


def test_export_leaves_out_the_name_of_whoever_else_signed_up(shop, ann):
    ask(shop, sms=PHONE, must_confirm=True)
    sign_up.confirm_by_reply(address_hmac=address_hmac(PHONE), shop_ids={shop.pk}, at=NOW, now=NOW)

    text = "".join(export.as_json(ann))

    (proof,) = json.loads(text)["sections"]["customers.contactconsentdetail"]["rows"]
    assert "Bobby" not in text
    assert proof["note"] == "Asked 2026-11-20 17:00 UTC. Confirmed by a reply from the number"
    assert ann.opt_in_requests.get().typed_name == "Bobby Jones"


def test_export_shows_the_name_that_is_his_own(shop):
    ask(shop, email=EMAIL)

    sections = json.loads("".join(export.as_json(bobby())))["sections"]

    (asked,) = sections["customers.optinrequest"]["rows"]
    assert asked["typed_name"] == "Bobby Jones"
