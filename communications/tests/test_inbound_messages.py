"""Each answer leaves one row in each shop that it concerns, and a STOP holds before the fold."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import events, inbound
from communications.inbound import folding
from communications.models import InboundMessage, ProviderEvent, SenderIdentity, Suppression
from communications.tests.answers import UNCLEAR, held, outcomes
from communications.tests.reports import inbound_form, post_twilio, reply
from communications.tests.test_compliance import refusal
from communications.tests.texts import PERSON, active_causes, latest, opt_in, text
from customers.addresses import address_hmac
from customers.models import OptInRequest
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

INBOUND = "/webhooks/twilio/inbound/"
Cause = Suppression.Cause


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("STOP", "stop"),
        ("please stop texting me", "stop"),
        ("START", "start"),
        ("HELP", "help"),
        ("see you Friday", "talk"),
        (UNCLEAR, "held"),
    ],
)
def test_answer_is_shown_to_the_shop_with_its_outcome(body, outcome):
    message = text()
    intruder = text(phone="+12125550111")

    reply(body, sender=PERSON)

    row = InboundMessage.objects.get()
    assert (row.shop, row.outcome, row.body) == (message.shop, outcome, body)
    assert (row.customer, row.communication) == (message.customer, message)
    assert row.event_key == ProviderEvent.objects.get().event_key  # erasing him, both are found
    assert (row.address, row.address_hmac) == (PERSON, address_hmac(PERSON))
    assert outcomes(intruder.shop) == []


def test_answer_to_a_shared_number_has_a_row_in_every_shop_that_wrote():
    older, newer = text(days_ago=5), text(days_ago=2)

    reply("STOP", sender=PERSON)

    assert outcomes(older.shop) == outcomes(newer.shop) == ["stop"]


def test_event_that_is_folded_twice_has_one_effect():
    message = text()
    reply(UNCLEAR, sender=PERSON)
    inbound.decide(InboundMessage.objects.get(), as_="talk", by=None)

    folding.fold(ProviderEvent.objects.get(), now=timezone.now())

    assert InboundMessage.objects.count() == 1
    assert active_causes(message.shop) == []


def test_stop_holds_before_the_inbox_is_folded():
    message = text()
    intruder = text(phone="+12125550111")

    post_twilio(INBOUND, inbound_form("please stop texting me", sender=PERSON))

    assert ProviderEvent.objects.get().folded_at is None
    assert active_causes(message.shop) == [Cause.STOP]
    assert active_causes(intruder.shop) == []
    assert refusal(message.customer, kind="transactional", channel="sms") == "suppressed"


def test_unclear_answer_holds_before_the_inbox_is_folded():
    message = text()

    post_twilio(INBOUND, inbound_form(UNCLEAR, sender=PERSON))

    assert active_causes(message.shop) == [Cause.HELD]


def test_talk_asks_nothing_of_the_database_but_the_inbox(django_assert_num_queries):
    text()
    form = inbound_form("Thanks, see you Friday", sender=PERSON)

    with django_assert_num_queries(4):  # savepoint, is it known, insert, release
        post_twilio(INBOUND, form)


def test_stop_that_is_delivered_again_does_not_undo_a_start():
    message = text()
    form = inbound_form("STOP", sender=PERSON)
    post_twilio(INBOUND, form)
    events.fold()
    reply("START", sender=PERSON)

    post_twilio(INBOUND, form)
    events.fold()

    assert active_causes(message.shop) == []


def test_start_before_a_stop_does_not_lift_it_though_it_is_read_after_it():
    message = text()
    opt_in(message.customer)
    reply("STOP", sender=PERSON)
    post_twilio(INBOUND, inbound_form("START", sender=PERSON))
    start = ProviderEvent.objects.get(folded_at=None)
    post_twilio(INBOUND, inbound_form("stop it", sender=PERSON))
    earlier = Suppression.objects.get()
    # The second STOP came while the first one's suppression still held: it gets its own.
    Suppression.objects.create(
        shop=message.shop, channel="sms", address_hmac=message.address_hmac, cause=Cause.STOP
    )

    folding.fold(start, now=timezone.now())

    assert active_causes(message.shop) == [Cause.STOP]
    assert hasattr(Suppression.objects.get(pk=earlier.pk), "lift")


def test_held_number_gets_reminders_and_no_offers():
    answer = held()
    opt_in(answer.customer)

    assert refusal(answer.customer, kind="marketing", channel="sms") == "held_for_review"
    assert refusal(answer.customer, kind="transactional", channel="sms") == ""


def test_weak_answer_revokes_only_when_the_newest_text_was_an_offer():
    offer = text(days_ago=3)
    text(offer.shop, customer=offer.customer, days_ago=1, topic="appointments")

    reply("no", sender=PERSON)

    assert outcomes(offer.shop) == ["talk"]
    assert active_causes(offer.shop) == []


def test_weak_answer_to_an_offer_revokes():
    message = text()

    reply("Nope.", sender=PERSON)

    assert outcomes(message.shop) == ["stop"]
    assert latest(message.customer) == "opted_out"


def test_stop_settles_what_waits_for_a_person():
    answer = held()
    intruder = held(phone="+12125550111")

    reply("STOP", sender=PERSON)

    answer.refresh_from_db()
    intruder.refresh_from_db()
    assert (answer.decided_as, answer.decided_by) == ("stop", None)
    assert active_causes(answer.shop) == [Cause.STOP]
    assert intruder.decided_at is None
    assert active_causes(intruder.shop) == [Cause.HELD]


def test_start_after_that_leaves_nothing_held():
    answer = held()
    reply("STOP", sender=PERSON)

    reply("START", sender=PERSON)

    assert active_causes(answer.shop) == []


def waiting_sign_up(shop) -> OptInRequest:
    now = timezone.now()
    return OptInRequest.objects.create(
        shop=shop,
        customer=CustomerFactory(shop=shop, phone=PERSON),
        channel="sms",
        address_hmac=address_hmac(PERSON),
        source="sign_up_page",
        disclosure_version="1",
        disclosure_text="Texts with offers.",
        asked_at=now - dt.timedelta(hours=1),
        expires_at=now + dt.timedelta(days=2),
    )


@pytest.mark.parametrize("body", ["YES", "yes!", "S\N{LATIN SMALL LETTER I WITH ACUTE}", "Oui"])
def test_yes_confirms_the_sign_up_that_waits_for_it(body):
    shop = ShopFactory()
    asked = waiting_sign_up(shop)
    intruder = waiting_sign_up(ShopFactory())
    SenderIdentity.objects.create(shop=shop, channel="sms", address="+12125550001")

    reply(body, sender=PERSON, to="+12125550001")

    asked.refresh_from_db()
    intruder.refresh_from_db()
    assert outcomes(shop) == ["confirmed"]
    assert latest(asked.customer) == "opted_in"
    assert (asked.confirmed_at is not None, intruder.confirmed_at) == (True, None)


def test_yes_without_a_sign_up_that_waits_is_talk():
    message = text()

    reply("YES", sender=PERSON)

    assert outcomes(message.shop) == ["talk"]
    assert message.customer.consents.count() == 0


def test_assent_in_another_word_gives_back_nothing_that_stop_took():
    message = text()
    reply("STOP", sender=PERSON)

    reply("Oui", sender=PERSON)

    assert active_causes(message.shop) == [Cause.STOP]
