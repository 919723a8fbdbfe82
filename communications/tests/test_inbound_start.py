import pytest
from django.test import Client
from django.utils import timezone

from communications import links, opting_in, unsubscribe
from communications.models import Suppression
from communications.tests.reports import reply
from communications.tests.test_compliance import refusal
from communications.tests.texts import PERSON, active_causes, latest, opt_in, text
from customers import consent
from customers.sign_up import Person

pytestmark = pytest.mark.django_db

Cause = Suppression.Cause


def test_start_gives_back_what_stop_took():
    message = text()
    opt_in(message.customer)
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert active_causes(message.shop) == []
    assert latest(message.customer) == "opted_in"
    entries = message.customer.consents.filter(source="sms_start")
    assert set(entries.values_list("topic", "decision")) == {
        ("marketing", "opted_in"),
        ("appointments", "unproven"),
    }


def test_stop_takes_reminders_too_and_start_gives_them_back():
    message = text()
    assert refusal(message.customer, kind="transactional", channel="sms") == ""

    reply("STOP", sender=PERSON)
    assert refusal(message.customer, kind="transactional", channel="sms") == "suppressed"
    reply("START", sender=PERSON)

    assert refusal(message.customer, kind="transactional", channel="sms") == ""


def test_start_gives_no_permission_to_somebody_who_never_gave_it():
    message = text()
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert active_causes(message.shop) == []
    assert refusal(message.customer, kind="marketing", channel="sms") == "unproven"


def test_start_gives_back_reminders_by_the_consent_they_had():
    message = text()
    opt_in(message.customer, topic="appointments")

    for body in ("STOP", "START", "STOP", "START"):
        reply(body, sender=PERSON)

    said = message.customer.consents.filter(topic="appointments").order_by("seq")
    assert list(said.values_list("decision", flat=True)) == [
        "opted_in",
        "opted_out",
        "opted_in",
        "opted_out",
        "opted_in",
    ]


def test_start_leaves_reminders_off_that_were_off_before_stop():
    message = text()
    consent.record(
        customer=message.customer,
        channel="sms",
        topic="appointments",
        decision="opted_out",
        source="staff",
        given_at=timezone.now(),
    )
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert refusal(message.customer, kind="transactional", channel="sms") == "topic"


def test_start_gives_nothing_to_somebody_who_had_opted_out_before_he_said_stop():
    message = text()
    opt_in(message.customer)
    consent.record(
        customer=message.customer,
        channel="sms",
        decision="opted_out",
        source="staff",
        given_at=timezone.now(),
    )
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert latest(message.customer) == "opted_out"


def test_start_gives_no_permission_for_a_number_that_was_another_ones():
    message = text()
    opt_in(message.customer, address="+12125550111")
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert latest(message.customer) == "unproven"


def test_start_lifts_only_stop():
    message = text()
    for cause in (Cause.COMPLAINED, Cause.ERASED, Cause.MANUAL, Cause.STOP):
        Suppression.objects.create(
            shop=message.shop, channel="sms", address_hmac=message.address_hmac, cause=cause
        )

    reply("UNSTOP", sender=PERSON)

    assert set(active_causes(message.shop)) == {Cause.COMPLAINED, Cause.ERASED, Cause.MANUAL}


def test_start_leaves_other_persons_and_shops_alone():
    message = text()
    person = Suppression.objects.create(
        shop=message.shop, channel="sms", address_hmac="0" * 32, cause=Cause.STOP
    )
    shop = Suppression.objects.create(
        shop=text(phone="+12125550111").shop,
        channel="sms",
        address_hmac=message.address_hmac,
        cause=Cause.STOP,
    )

    reply("START", sender=PERSON)

    assert set(Suppression.objects.active()) == {person, shop}


def sign_up(shop) -> None:
    """He fills in the page, which asks for a reply of YES because he had said STOP."""
    (asked,) = opting_in.by_page(
        shop=shop, person=Person(first_name="Sam"), addresses={"sms": PERSON}, now=timezone.now()
    )
    assert asked.confirmed_at is None


def reminders(message) -> str:
    return refusal(message.customer, kind="transactional", channel="sms")


@pytest.mark.parametrize("yes", ["YES", "yes!", "sí"])
def test_yes_that_confirms_a_sign_up_gives_back_the_reminders_that_stop_took(yes):
    message = text()
    other = text(days_ago=2)  # another shop, where he has signed up for nothing
    reply("STOP", sender=PERSON)
    sign_up(message.shop)

    reply(yes, sender=PERSON)
    after_yes = reminders(message)
    reply("START", sender=PERSON)

    assert after_yes == reminders(message) == ""
    assert refusal(message.customer, kind="marketing", channel="sms") == ""
    assert message.customer.consents.filter(topic="appointments").count() == 2
    assert reminders(other) == ""  # by START


def test_yes_that_confirms_a_sign_up_leaves_off_what_staff_had_switched_off():
    message = text()
    opted_out_by_staff(message)
    reply("STOP", sender=PERSON)
    sign_up(message.shop)

    reply("YES", sender=PERSON)
    reply("START", sender=PERSON)

    assert latest(message.customer) == "opted_in"
    assert reminders(message) == "topic"


@pytest.mark.parametrize("cause", [Cause.COMPLAINED, Cause.ERASED, Cause.MANUAL])
def test_yes_that_confirms_a_sign_up_ends_no_suppression_that_stop_did_not_begin(cause):
    message = text()
    reply("STOP", sender=PERSON)
    sign_up(message.shop)
    Suppression.objects.create(
        shop=message.shop, channel="sms", address_hmac=message.address_hmac, cause=cause
    )

    reply("YES", sender=PERSON)

    assert active_causes(message.shop) == [cause]
    assert reminders(message) == "suppressed"


def opted_out_by_staff(message) -> bool:
    return unsubscribe.by_staff(
        message.customer, channel="sms", reason="Said so at the till", now=timezone.now()
    )


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP"])
def test_opt_out_by_staff_after_a_stop_is_kept_by_start(word):
    message = text()
    opt_in(message.customer)
    opt_in(message.customer, topic="appointments")
    reply("STOP", sender=PERSON)
    assert opted_out_by_staff(message)
    assert not opted_out_by_staff(message)

    reply(word, sender=PERSON)

    assert latest(message.customer) == "opted_out"
    assert reminders(message) == "topic"
    assert active_causes(message.shop) == [Cause.UNSUBSCRIBED]
    sources = message.customer.consents.filter(topic="appointments").order_by("seq")
    assert list(sources.values_list("source", flat=True)) == ["sign-up form", "sms_stop", "staff"]


def test_opt_out_on_the_page_after_a_stop_is_kept_by_start():
    message = text()
    reply("STOP", sender=PERSON)
    Client().post(f"/u/{links.unsubscribe_token(message.uuid)}/?preferences", {"do": "nothing"})

    reply("START", sender=PERSON)

    assert reminders(message) == "topic"
    assert refusal(message.customer, kind="marketing", channel="sms") == "suppressed"
