import pytest
from django.utils import timezone

from communications.models import Suppression
from communications.tests.reports import reply
from communications.tests.test_compliance import refusal
from communications.tests.texts import PERSON, active_causes, latest, opt_in, text
from customers import consent

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
