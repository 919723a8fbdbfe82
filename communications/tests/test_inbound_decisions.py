"""A person reads a held answer: stop is a full opt-out, talk lets offers go again, once."""

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory, UserFactory
from communications import inbound
from communications.models import InboundMessage, Suppression
from communications.tests.answers import UNCLEAR, held
from communications.tests.reports import reply
from communications.tests.texts import PERSON, active_causes, latest, opt_in, text

pytestmark = pytest.mark.django_db

Cause = Suppression.Cause


@pytest.fixture
def reader():
    return UserFactory()


def test_as_stop_it_is_an_opt_out_of_everything(reader):
    answer = held()
    intruder = held(phone="+12125550111")

    assert inbound.decide(answer, as_="stop", by=reader) is True

    answer.refresh_from_db()
    message = answer.communication
    entries = answer.customer.consents.values_list("channel", "topic", "decision", "source")
    assert (answer.decided_as, answer.decided_by) == ("stop", reader)
    assert active_causes(answer.shop) == [Cause.STOP]
    assert sorted(entries) == [
        ("sms", "appointments", "opted_out", "sms_stop"),
        ("sms", "marketing", "opted_out", "sms_stop"),
    ]
    assert answer.customer.consents.first().detail.recorded_by == reader
    assert message.unsubscribed_at == answer.received_at
    assert active_causes(intruder.shop) == [Cause.HELD]


def test_as_talk_offers_go_again(reader):
    answer = held()
    opt_in(answer.customer)

    assert inbound.decide(answer, as_="talk", by=reader) is True

    assert active_causes(answer.shop) == []
    assert latest(answer.customer) == "opted_in"


def test_decision_is_in_the_audit_with_who_took_it(reader):
    answer = held()

    inbound.decide(answer, as_="talk", by=reader)

    entry = AuditEntry.objects.for_shop(answer.shop).get()
    assert (entry.action, entry.actor, entry.object_id) == ("reply.talk", reader, str(answer.pk))


@pytest.mark.parametrize("second", ["stop", "talk"])
def test_deciding_twice_acts_once(reader, second):
    answer = held()
    inbound.decide(answer, as_="talk", by=reader)

    assert inbound.decide(answer, as_=second, by=UserFactory()) is False

    answer.refresh_from_db()
    assert (answer.decided_as, answer.decided_by) == ("talk", reader)
    assert active_causes(answer.shop) == []
    assert AuditEntry.objects.for_shop(answer.shop).count() == 1


def test_stop_settles_the_other_answers_of_that_number(reader):
    answer = held()
    reply("how did you get my number", sender=PERSON)

    inbound.decide(answer, as_="stop", by=reader)

    rows = InboundMessage.objects.for_shop(answer.shop)
    assert list(rows.values_list("decided_as", flat=True)) == ["stop", "stop"]


def test_talk_leaves_the_number_held_while_another_answer_waits(reader):
    answer = held()
    reply("how did you get my number", sender=PERSON)

    inbound.decide(answer, as_="talk", by=reader)
    between = active_causes(answer.shop)
    inbound.decide(inbound.waiting(answer.shop).get(), as_="talk", by=reader)

    assert between == [Cause.HELD]
    assert active_causes(answer.shop) == []


def test_answer_that_took_effect_by_itself_waits_for_nobody(reader):
    answer = held()
    reply("thanks", sender=PERSON)
    talk = InboundMessage.objects.get(outcome="talk")

    assert inbound.decide(talk, as_="stop", by=reader) is False
    assert active_causes(answer.shop) == [Cause.HELD]


def test_nothing_else_can_be_decided(reader):
    with pytest.raises(ValueError, match="stop or talk"):
        inbound.decide(held(), as_="help", by=reader)


def test_list_of_what_waits_is_the_shops_own():
    answer = held()
    reply(UNCLEAR, sender="+12125550111")

    assert list(inbound.waiting(answer.shop)) == [answer]
    assert list(inbound.waiting(ShopFactory())) == []


def test_start_gives_back_what_a_person_read_as_stop(reader):
    message = text()
    opt_in(message.customer)
    reply(UNCLEAR, sender=PERSON)
    answer = InboundMessage.objects.get()
    inbound.decide(answer, as_="stop", by=reader)

    reply("START", sender=PERSON)

    assert active_causes(answer.shop) == []
    assert latest(answer.customer) == "opted_in"
