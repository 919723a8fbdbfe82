"""Double opt-in over real HTTP, and what a proven opt-in ends."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory, UserFactory
from communications import delivery, opting_in
from communications.models import Dispatch, Suppression, SuppressionLift
from communications.tests.reports import reply
from customers import consent
from customers.addresses import address_hmac
from customers.disclosures import shown
from customers.models import ContactConsent, Customer, OptInRequest
from customers.sign_up import Person
from customers.tests.factories import CustomerFactory

PHONE, EMAIL = "+12125550123", "sam@example.test"
SAM = Person(first_name="Sam", language="en")
OWN = ("unsubscribed", "stop")
OTHERS = ("complained", "bounced", "provider", "erased", "manual")


@pytest.fixture
def shop(db):
    shop = ShopFactory(
        name="Cedar {{ customer_first_name }}", sms_double_opt_in=True, email_double_opt_in=True
    )
    CustomerFactory(phone=PHONE, email=EMAIL)  # the same person at another shop
    return shop


def join(shop, **addresses):
    return opting_in.by_page(shop=shop, person=SAM, addresses=addresses, now=timezone.now())


def suppress(shop, channel, address, *causes):
    return [
        Suppression.objects.create(
            shop=shop, channel=channel, address_hmac=address_hmac(address), cause=cause
        )
        for cause in causes
    ]


def active(shop) -> set[str]:
    return set(Suppression.objects.for_shop(shop).active().values_list("cause", flat=True))


@pytest.mark.django_db(transaction=True)
def test_text_asks_for_a_yes_and_the_yes_counts(shop, providers):
    join(shop, sms=PHONE)

    assert delivery.send_due() == 1

    (sent,) = providers.accepted()
    assert (sent["to"], sent["body"][:45]) == (
        PHONE,
        "Cedar {{ customer_first_name }}: Reply YES to",
    )
    assert "Msg & data rates may apply" in sent["body"]
    dispatch = Dispatch.objects.get(shop=shop)
    assert (dispatch.kind, dispatch.communications.get().customer.phone) == ("transactional", PHONE)
    assert not ContactConsent.objects.for_shop(shop).exists()


@pytest.mark.django_db(transaction=True)
def test_email_leads_to_the_button_that_confirms(shop, providers):
    join(shop, email=EMAIL)
    delivery.send_due()
    (sent,) = providers.accepted()
    link = re.search(r"https://\S+/c/\S+", sent["text"])[0]

    led_to = Client().get(urlsplit(link).path)["Location"]
    Client().get(urlsplit(led_to).path)
    before = ContactConsent.objects.for_shop(shop).count()
    Client().post(urlsplit(led_to).path)

    assert sent["subject"] == "Please confirm: emails from Cedar {{ customer_first_name }}"
    assert before == 0
    assert ContactConsent.objects.for_shop(shop).get().decision == "opted_in"


@pytest.mark.parametrize("cause", OTHERS)
def test_no_confirmation_goes_to_who_complained_or_must_not_be_written_to(shop, providers, cause):
    suppress(shop, "email", EMAIL, cause)
    join(shop, email=EMAIL)

    delivery.send_due()

    assert list(providers.accepted()) == []


def test_reply_of_yes_confirms_and_lifts_what_he_had_stopped_himself(shop):
    suppress(shop, "sms", PHONE, *OWN, *OTHERS)
    suppress(shop, "email", EMAIL, "unsubscribed")
    (asked,) = join(shop, sms=PHONE)
    now = timezone.now()

    people = opting_in.by_reply(
        address_hmac=address_hmac(PHONE), shop_ids=[shop.pk], at=now, now=now
    )

    assert people == {asked.customer_id}
    assert active(shop) == {*OTHERS, "unsubscribed"}  # that of the email
    reasons = set(SuppressionLift.objects.values_list("suppression__cause", "reason"))
    assert reasons == {(cause, opting_in.REASONS["reply"]) for cause in OWN}
    audited = AuditEntry.objects.for_shop(shop).filter(action="suppression.lift")
    assert audited.count() == 2


def test_stop_that_came_after_the_opt_in_stays(shop):
    join(shop, sms=PHONE)
    at = timezone.now()
    later = suppress(shop, "sms", PHONE, "stop")

    opting_in.by_reply(
        address_hmac=address_hmac(PHONE), shop_ids=[shop.pk], at=at, now=timezone.now()
    )

    assert list(Suppression.objects.for_shop(shop).active()) == later


def test_link_lifts_the_unsubscription_of_this_shop_only(shop):
    other = ShopFactory()
    suppress(shop, "email", EMAIL, "unsubscribed", "complained")
    suppress(other, "email", EMAIL, "unsubscribed")
    (asked,) = join(shop, email=EMAIL)

    opting_in.by_link(asked.uuid, now=timezone.now())

    assert (active(shop), active(other)) == ({"complained"}, {"unsubscribed"})


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_form_that_anybody_can_fill_in_lifts_nothing_and_has_to_be_confirmed(db, channel):
    shop = ShopFactory()  # asks nobody to confirm
    address = {"sms": PHONE, "email": EMAIL}[channel]
    suppress(shop, channel, address, "unsubscribed")

    (asked,) = join(shop, **{channel: address})

    assert asked.confirmed_at is None
    assert active(shop) == {"unsubscribed"}
    assert not ContactConsent.objects.for_shop(shop).exists()


def test_shop_that_asks_nobody_to_confirm_has_consent_at_once_and_sends_nothing(db):
    shop = ShopFactory()

    join(shop, sms=PHONE, email=EMAIL)

    assert ContactConsent.objects.for_shop(shop).count() == 2
    assert not Dispatch.objects.filter(shop=shop).exists()


def test_staff_vouches_with_the_wording_and_his_name(shop):
    customer = CustomerFactory(shop=shop, phone=PHONE)
    suppress(shop, "sms", PHONE, "stop", "complained")
    staff, now = UserFactory(), timezone.now()
    words = shown(shop=shop, channel="sms", language="en")

    entry = opting_in.by_staff(
        customer, disclosure=words, given_at=now, source="paper form", by=staff, now=now
    )

    assert (entry.detail.recorded_by, entry.detail.disclosure_text) == (staff, words.text)
    assert active(shop) == {"complained"}
    assert SuppressionLift.objects.get().lifted_by == staff


def test_paper_signed_before_the_stop_lifts_nothing(shop):
    customer = CustomerFactory(shop=shop, phone=PHONE)
    suppress(shop, "sms", PHONE, "stop")
    now = timezone.now()

    opting_in.by_staff(
        customer,
        disclosure=shown(shop=shop, channel="sms", language="en"),
        given_at=now - dt.timedelta(days=1),
        source="paper form",
        by=UserFactory(),
        now=now,
    )

    assert active(shop) == {"stop"}


def test_yes_by_text_goes_the_whole_way(shop):
    (asked,) = join(shop, sms=PHONE)

    reply("Yes!", sender=PHONE)

    asked.refresh_from_db()
    assert asked.confirmed_at is not None
    customer = Customer.objects.get(pk=asked.customer_id)
    assert customer.consents.get(topic="marketing").decision == "opted_in"
    assert not OptInRequest.objects.filter(confirmed_at=None).exists()


@pytest.mark.parametrize(
    ("later", "why"),
    [
        ({"decision": "unproven", "source": "csv import"}, ["No proof"]),
        (
            {"decision": "unproven", "source": consent.ADDRESS_CHANGED},
            ["Agreed for another address"],
        ),
        (
            {"decision": "opted_in", "source": "paper", "address": "+12125550177"},
            ["Agreed for another address"],
        ),
        ({"decision": "opted_in", "source": "paper"}, []),
    ],
)
def test_opt_in_by_staff_says_whatever_the_gate_refuses_for(shop, later, why):
    sam = CustomerFactory(shop=shop, phone=PHONE)
    now = timezone.now()
    at = now - dt.timedelta(days=5)
    consent.record(customer=sam, channel="sms", given_at=at, now=at, **later)

    entry = opting_in.by_staff(
        sam,
        disclosure=shown(shop=shop, channel="sms", language="en"),
        given_at=now - dt.timedelta(days=8),
        source="paper",
        by=None,
        now=now,
    )

    assert opting_in.what_holds(entry) == why
