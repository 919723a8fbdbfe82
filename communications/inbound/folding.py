"""The fold of one answer: what it says takes effect, and each shop that it concerns has a row."""

import datetime as dt
from collections.abc import Collection

from communications.facts import Facts, write
from communications.inbound import answer as answers
from communications.inbound import effects, whose
from communications.inbound.answer import Answer
from communications.inbound.meaning import Meaning
from communications.models import CustomerCommunication, InboundMessage, ProviderEvent

Outcome = InboundMessage.Outcome
_PLAIN = {Meaning.HELP: Outcome.HELP, Meaning.HELD: Outcome.HELD, Meaning.STOP: Outcome.STOP}


class NobodyFound(ValueError):
    """Somebody wants no more emails and nobody can tell who: kept in quarantine for a person."""


def fold(event: ProviderEvent, *, now: dt.datetime) -> set[int]:
    """Let one answer take effect, once for each shop, and return the messages that it answers.

    Must run in a transaction.

    Raises:
        NobodyFound: it may not be dropped.
    """
    answer = answers.read(event.provider, event.payload)
    if answer is None:
        if answers.is_lost(event.provider, event.payload):
            raise NobodyFound("It asks for no more emails, from an address that was not written to")
        return set()
    told = InboundMessage.objects.filter(event_key=event.event_key, shop__in=answer.shops)
    shops = answer.shops - set(told.values_list("shop_id", flat=True))
    if not shops:
        return set()
    at = event.occurred_at or event.received_at
    messages = [message for message in answer.messages if message.shop_id in shops]
    known = write(_facts(answer, messages, at=at))
    outcomes = _take_effect(answer, shops=shops, at=at, now=now)
    _store(answer, event, outcomes=outcomes, messages=messages, at=at)
    newest = answer.messages[0].shop_id if answer.messages else min(answer.shops)
    ProviderEvent.objects.filter(pk=event.pk).update(shop_id=newest)
    return {message.id for message in known.values()}


def take_effect_at_once(provider: str, payload: dict) -> None:
    """What may not wait for the fold: no call to a number begins once its STOP is answered.

    The fold says the same again, with everything else. Must run in the transaction that stores the
    event.
    """
    answer = answers.read(provider, payload)
    if answer is None:
        return
    if answer.said is Meaning.STOP:
        effects.suppress(answer.channel, answer.sender, shops=answer.shops)
    elif answer.said is Meaning.HELD:
        effects.hold(answer.channel, answer.sender, shops=answer.shops)


def _facts(answer: Answer, messages: Collection[CustomerCommunication], *, at: dt.datetime) -> dict:
    times = {message.uuid: Facts(times={"replied_at": at}) for message in answer.messages[:1]}
    if answer.said is Meaning.STOP:
        for message in messages:
            times.setdefault(message.uuid, Facts()).times["unsubscribed_at"] = at
    return times


def _take_effect(
    answer: Answer, *, shops: Collection[int], at: dt.datetime, now: dt.datetime
) -> dict[int, str]:
    """``{shop id: outcome}``."""
    about = (answer.channel, answer.sender)
    confirmed: set[int] = set()
    started: set[int] = set()
    if answer.said is Meaning.STOP:
        effects.stop(*about, shops=shops, topics=answer.topics, at=at, now=now)
    elif answer.said is Meaning.HELD:
        effects.hold(*about, shops=shops)
    if answer.said in {Meaning.YES, Meaning.ASSENT}:
        confirmed = effects.confirm(*about, shops=shops, at=at, now=now)
    # Also where it has confirmed a sign-up: that was about offers, and STOP took reminders too.
    back = shops if answer.said in {Meaning.YES, Meaning.START} else confirmed
    if back:
        started = effects.start(*about, shops=back, at=at, now=now)
        if answer.said is Meaning.START:
            started = set(shops)
    outcome = _PLAIN.get(answer.said, Outcome.TALK)
    return (
        dict.fromkeys(shops, outcome)
        | dict.fromkeys(started, Outcome.START)
        | dict.fromkeys(confirmed, Outcome.CONFIRMED)
    )


def _store(
    answer: Answer,
    event: ProviderEvent,
    *,
    outcomes: dict[int, str],
    messages: Collection[CustomerCommunication],
    at: dt.datetime,
) -> None:
    answered = {message.shop_id: message for message in messages}
    senders = {
        person.shop_id: person
        for person in whose.people(answer.sender, channel=answer.channel)
        .filter(shop__in=outcomes)
        .order_by("-pk")
    }
    InboundMessage.objects.bulk_create(
        [
            InboundMessage(
                shop_id=shop,
                channel=answer.channel,
                customer_id=_customer(answered.get(shop), senders.get(shop)),
                communication=answered.get(shop),
                event_key=event.event_key,
                address=answer.address,
                address_hmac=answer.sender,
                body=answer.body,
                received_at=at,
                outcome=outcome,
            )
            for shop, outcome in sorted(outcomes.items())
        ],
        ignore_conflicts=True,
    )


def _customer(message: CustomerCommunication | None, person) -> int | None:
    """Who was written to; else the first of the shop's customers with this address."""
    if message is not None and message.customer_id is not None:
        return message.customer_id
    return person.pk if person is not None else None
