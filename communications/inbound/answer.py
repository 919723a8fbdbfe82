"""An answer as it came, by text or by email, and what it says."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

from communications.inbound import mail, whose
from communications.inbound.meaning import Answers, Meaning, meaning
from communications.models import CustomerCommunication, ProviderAccount
from customers.addresses import address_hmac, normalise_phone
from customers.channels import Channel, Topic


@dataclass(frozen=True, slots=True)
class Answer:
    """Attributes:
    address: whose it is, normalised; ``sender`` is its HMAC.
    shops: ids of those that it concerns; never empty.
    messages: the newest message of each shop to that address, the newest of all first.
    """

    channel: str
    address: str
    sender: str
    body: str
    shops: frozenset[int]
    messages: list[CustomerCommunication]
    said: Meaning

    @property
    def topics(self) -> frozenset[str]:
        """What an opt-out takes back: by text everything, by email also what it answers."""
        return topics(self.channel, self.messages)


def topics(channel: str, messages: Iterable[CustomerCommunication]) -> frozenset[str]:
    """What STOP on a channel is about, as answer to these messages."""
    if channel == Channel.SMS:
        return frozenset(Topic.values)
    return frozenset({Topic.MARKETING, *(message.topic for message in messages)})


def read(provider: str, payload: dict) -> Answer | None:
    """Return what a provider handed us, or None when it concerns no shop."""
    if provider == ProviderAccount.Provider.SENDGRID:
        return _mail(payload)
    return _text(payload)


def may_stop(provider: str, payload: dict) -> bool:
    """Whether it could end or hold anything, by its words alone; asks no database."""
    if provider == ProviderAccount.Provider.SENDGRID:
        return mail.is_for_unsubscribing(payload) or _revokes(mail.words(payload))
    said = meaning(_value(payload, "Body"), opt_out_type=_value(payload, "OptOutType"))
    return said in {Meaning.STOP, Meaning.HELD}


def _revokes(body: str) -> bool:
    return meaning(body) in {Meaning.STOP, Meaning.HELD}


def _text(payload: dict) -> Answer | None:
    try:
        address = normalise_phone(_value(payload, "From"))
        number = normalise_phone(_value(payload, "To"))
    except ValidationError:
        # Short codes and names of senders are nobody we could have written to.
        return None
    sender = address_hmac(address)
    shops = whose.shops_of_text(number=number, sender=sender)
    if not shops:
        return None
    messages = whose.newest_messages(sender, channel=Channel.SMS, shops=shops)
    body = _value(payload, "Body")
    said = meaning(
        body, answers=whose.answered(messages), opt_out_type=_value(payload, "OptOutType")
    )
    return Answer(
        channel=Channel.SMS,
        address=address,
        sender=sender,
        body=body,
        shops=frozenset(shops),
        messages=messages,
        said=said,
    )


def _mail(payload: dict) -> Answer | None:
    if (message := mail.unsubscribed(payload)) is not None:
        return Answer(
            channel=message.channel,
            address=message.address,
            sender=message.address_hmac,
            body=mail.words(payload),
            shops=frozenset({message.shop_id}),
            messages=[message],
            said=Meaning.STOP,
        )
    address = mail.sender(payload)
    if not address or mail.is_automatic(payload):
        return None
    if _shops(address):
        return _from(address, payload)
    if not _is_clear(payload):
        return None
    # Who subscribed with a tag in his address may well answer without it; a person has to see.
    tagged = [one for one in whose.tagged(address) if _shops(one)]
    return replace(_from(tagged[0], payload), said=Meaning.HELD) if len(tagged) == 1 else None


def is_lost(provider: str, payload: dict) -> bool:
    """Whether somebody wants no more emails, clearly, of whom ``read`` cannot tell who he is."""
    return (
        provider == ProviderAccount.Provider.SENDGRID
        and bool(mail.sender(payload))
        and not mail.is_automatic(payload)
        and _is_clear(payload)
    )


def _is_clear(payload: dict) -> bool:
    said = meaning(mail.words(payload), answers=Answers.NOTHING)
    return mail.is_for_unsubscribing(payload) or said is Meaning.STOP


def _shops(address: str) -> set[int]:
    return whose.writers(address_hmac(address), channel=Channel.EMAIL)


def _from(address: str, payload: dict) -> Answer:
    sender, shops = address_hmac(address), _shops(address)
    messages = whose.newest_messages(sender, channel=Channel.EMAIL, shops=shops)
    said = meaning(mail.words(payload), answers=whose.answered(messages))
    return Answer(
        channel=Channel.EMAIL,
        address=address,
        sender=sender,
        body=mail.words(payload),
        shops=frozenset(shops),
        messages=messages,
        said=Meaning.STOP if mail.is_for_unsubscribing(payload) else said,
    )


def _value(payload: dict, key: str) -> str:
    value = payload.get(key, "")
    return value if isinstance(value, str) else ""
