import pytest

from barbershop.tests.factories import ShopFactory
from communications import events
from communications.models import (
    CustomerCommunication,
    Incident,
    ProviderEvent,
    SenderIdentity,
    Suppression,
)
from communications.tests.reports import in_call, inbound_form, post_twilio, reply
from communications.tests.texts import PERSON, active_causes, latest, text
from customers.addresses import address_hmac
from customers.models import ContactConsent
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

Cause = Suppression.Cause


def own_number(shop, number):
    return SenderIdentity.objects.create(shop=shop, channel="sms", address=number)


def test_answer_belongs_to_the_newest_accepted_text():
    shop = ShopFactory()
    customer = CustomerFactory(shop=shop, phone=PERSON)
    old = text(shop, customer=customer, days_ago=9)
    newest = text(shop, customer=customer, days_ago=2)
    unsent = text(shop, customer=customer, days_ago=1, state="not_sent")
    email = in_call(customer=customer, dispatch__shop=shop)
    intruder = text(phone="+12125550111")

    reply("See you Friday", sender=PERSON)

    replied = CustomerCommunication.objects.filter(replied_at__isnull=False)
    assert list(replied) == [newest]
    assert {old, unsent, email, intruder}.isdisjoint(replied)
    assert Incident.objects.count() == 0
    assert ProviderEvent.objects.get().shop == shop


@pytest.mark.parametrize("body", ["STOP", "stop.", "Opt out"])
def test_stop_opts_out_everybody_with_that_number_in_that_shop(body):
    message = text()
    wife = CustomerFactory(shop=message.shop, phone=PERSON)
    other_number = CustomerFactory(shop=message.shop, phone="+12125550111")
    elsewhere = CustomerFactory(phone=PERSON)

    reply(body, sender=PERSON)

    suppression = Suppression.objects.get()
    message.refresh_from_db()
    assert (suppression.shop, suppression.channel) == (message.shop, "sms")
    assert (suppression.cause, suppression.address_hmac) == (Cause.STOP, address_hmac(PERSON))
    assert latest(message.customer) == latest(wife) == "opted_out"
    assert latest(other_number) == latest(elsewhere) == ""
    assert message.unsubscribed_at == message.replied_at is not None


def test_stop_is_about_texts_of_every_topic_and_not_about_email():
    message = text()

    reply("STOP", sender=PERSON)

    entries = message.customer.consents.values_list("channel", "topic", "source")
    assert sorted(entries) == [
        ("sms", "appointments", "sms_stop"),
        ("sms", "marketing", "sms_stop"),
    ]


def test_stop_said_three_times_and_delivered_five_times_has_one_effect():
    message = text()
    form = inbound_form("STOP", sender=PERSON)
    for _ in range(5):
        post_twilio("/webhooks/twilio/inbound/", form)
    for _ in range(2):
        reply("STOP", sender=PERSON)

    assert active_causes(message.shop) == [Cause.STOP]
    assert message.customer.consents.filter(topic="marketing").count() == 1


def test_twilios_decision_stops_whatever_the_text_says():
    message = text()

    reply("Arret", sender=PERSON, OptOutType="STOP")

    assert active_causes(message.shop) == [Cause.STOP]


def test_stop_of_somebody_never_written_to_counts_in_the_shop_of_that_number():
    shop, intruder = ShopFactory(), ShopFactory()
    own_number(shop, "+12125550001")
    own_number(intruder, "+12125550002")

    reply("STOP", sender=PERSON, to="+12125550001")

    assert active_causes(shop) == [Cause.STOP]
    assert active_causes(intruder) == []


def test_stop_to_one_shops_number_leaves_the_other_shop_alone():
    one, other = text(), text()
    own_number(one.shop, "+12125550001")
    own_number(other.shop, "+12125550002")

    reply("STOP", sender=PERSON, to="+12125550001")

    other.refresh_from_db()
    assert active_causes(one.shop) == [Cause.STOP]
    assert active_causes(other.shop) == []
    assert latest(other.customer) == ""
    assert other.unsubscribed_at is None


def test_stop_to_a_shared_number_counts_for_every_shop_that_wrote():
    older, newer = text(days_ago=5), text(days_ago=2)
    silent = CustomerFactory(phone=PERSON)
    with_own_number = text(days_ago=1)
    own_number(with_own_number.shop, "+12125550002")

    reply("STOP", sender=PERSON)

    newer.refresh_from_db()
    older.refresh_from_db()
    assert active_causes(older.shop) == active_causes(newer.shop) == [Cause.STOP]
    assert active_causes(silent.shop) == active_causes(with_own_number.shop) == []
    assert (newer.replied_at is not None, older.replied_at) == (True, None)
    assert older.unsubscribed_at == newer.unsubscribed_at is not None


def test_number_that_two_shops_registered_concerns_those_who_wrote():
    wrote = text()
    own_number(wrote.shop, "+12125550001")
    silent = CustomerFactory(phone=PERSON)
    own_number(silent.shop, "+12125550001")

    reply("STOP", sender=PERSON, to="+12125550001")

    assert active_causes(wrote.shop) == [Cause.STOP]
    assert active_causes(silent.shop) == []


def test_stop_to_a_number_that_moved_on_counts_where_it_was_used_to_write_to_him():
    wrote, owns, intruder = text(), ShopFactory(), text()
    for message, number in ((wrote, "+12125550001"), (intruder, "+12125550003")):
        message.attempt.sender = number
        message.attempt.save()
    own_number(wrote.shop, "+12125550002")
    own_number(intruder.shop, "+12125550003")
    own_number(owns, "+12125550001")

    reply("STOP", sender=PERSON, to="+12125550001")

    assert active_causes(wrote.shop) == ["stop"]
    assert active_causes(owns) == ["stop"]
    assert active_causes(intruder.shop) == []


@pytest.mark.parametrize("state", ["unknown", "sending", "not_sent"])
def test_stop_counts_although_we_do_not_know_that_the_text_went_out(state):
    message = text(state=state)

    reply("STOP", sender=PERSON)

    message.refresh_from_db()
    assert active_causes(message.shop) == [Cause.STOP]
    assert message.replied_at is None


def test_stop_of_somebody_only_known_counts_where_he_is_known():
    known = CustomerFactory(phone=PERSON)
    intruder = CustomerFactory(phone="+12125550111")

    reply("STOP", sender=PERSON)

    assert active_causes(known.shop) == [Cause.STOP]
    assert active_causes(intruder.shop) == []


def test_help_changes_nothing_but_the_reply():
    message = text()

    reply("HELP", sender=PERSON)

    message.refresh_from_db()
    assert message.replied_at is not None
    assert Suppression.objects.count() == ContactConsent.objects.count() == 0
    assert Incident.objects.count() == 0


@pytest.mark.parametrize("sender", ["72404", "TWILIO", "", "anonymous"])
def test_answer_without_a_real_number_is_folded_without_effect(sender):
    post_twilio("/webhooks/twilio/inbound/", inbound_form("STOP", sender=sender or "x"))

    events.fold()

    assert ProviderEvent.objects.get().folded_at is not None
    assert Suppression.objects.count() == 0


def test_answer_of_a_stranger_is_folded_without_effect():
    text(phone="+12125550111")

    reply("STOP", sender=PERSON)

    assert ProviderEvent.objects.get().folded_at is not None
    assert Suppression.objects.count() == 0
