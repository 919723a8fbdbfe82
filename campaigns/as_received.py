"""A campaign as one customer would receive it, made by the renderer that sends.

Only what does not exist yet is an example: his own code and link of an offer, and the tokens in
tracked links, all of their real length.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns import audience, filling, message_sizes, readiness, received_links, verdicts
from campaigns.content import ChannelContent
from campaigns.filling import Filled, Filling
from campaigns.lint import own_blocks
from campaigns.message_sizes import Culprit
from campaigns.models import CampaignDefinition
from campaigns.received_links import Link
from campaigns.verdicts import Answer, OnChannel
from communications import plain_letters, pricing, rendering, sms_segments
from communications.compiled import compile_subject
from communications.models import CustomerCommunication, Dispatch
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason
LOOKED_AT = 50  # of an audience, for somebody who will receive it
EARLIER_CHANNEL = "earlier_channel"  # with first_available he gets it on another


@dataclass(frozen=True)
class Instead:
    """A field that is empty for him, and the fallback that stands there; nothing in a passage."""

    field: str
    text: str


@dataclass(frozen=True)
class Foreign:
    """A character that makes a text UCS-2.

    Attributes:
        instead: empty for what is best left out, None where nothing is known or it is a value.
        is_value: it stands in what is known of him, and not in the words.
    """

    character: str
    instead: str | None
    is_value: bool

    @property
    def name(self) -> str:
        return plain_letters.quoted(self.character)

    @property
    def advice(self) -> str:
        """What to do about it, as the check of all texts says it."""
        if self.is_value:
            return (
                "it stands in this customer's own details, so there is nothing to write differently"
            )
        if self.instead is None:
            return "nothing can stand for it"
        written = plain_letters.stand_in(self.instead)
        return f"write {written}" if self.instead else "leave it out"


@dataclass(frozen=True)
class Received:
    """One channel.

    Attributes:
        reason: why he would not get it: ``not_matched``, ``held_out``, ``earlier_channel``, or a
            word of the ledger.
        not_before: when it goes, if it waits for his hours.
        headers: of an email, for the mail program's own button.
        left_out: blocks that vanish for him, in words.
        missing: fields that leave a gap.
        error: why it cannot be made; then there is no text.
        encoding, units, parts, cost_micros: of a text.
    """

    channel: str
    will_receive: bool
    reason: str
    not_before: dt.datetime | None
    subject: str
    preheader: str
    text: str
    html: str
    headers: dict[str, str]
    fallbacks: tuple[Instead, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    links: tuple[Link, ...]
    error: str
    encoding: str
    units: int
    parts: int
    culprits: tuple[Foreign, ...]
    cost_micros: int


@dataclass(frozen=True)
class Preview:
    """A campaign, identified by ``definition``.

    Attributes:
        customer: None when the shop has nobody: then fields show their examples.
        variant, variation: whose words are shown; ``is_drawn`` when they are those he would get.
    """

    definition: int
    as_of: dt.datetime
    customer: Customer | None
    in_audience: bool
    held_out: bool
    variant: str
    variation: str
    is_drawn: bool
    channels: tuple[Received, ...]

    @property
    def customer_id(self) -> int | None:
        return self.customer and self.customer.pk


def preview(
    definition: CampaignDefinition,
    *,
    customer: Customer | None = None,
    arm: tuple[str, str] | None = None,
    now: dt.datetime,
) -> Preview:
    """As this customer, or as somebody who will receive it.

    Args:
        arm: label and variation of the words to show; those he would get when not given.

    Raises:
        campaigns.refusals.Refused: when there is no content.
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    arms = readiness.contents(definition)
    customer, answer = _who(definition, customer, now=now)
    own = (answer.label, answer.variation) if answer and answer.label else None
    said = arm or own or (arms[0][0].label, "")
    on = {each.channel: each for each in answer.channels} if answer else {}
    return Preview(
        definition=definition.pk,
        as_of=now,
        customer=customer,
        in_audience=bool(answer and answer.matches),
        held_out=bool(answer and answer.is_held_out),
        variant=said[0],
        variation=said[1],
        is_drawn=bool(answer and answer.matches) and said == own,
        channels=tuple(
            _received(definition, part, customer, _reason(answer, on.get(channel)), now=now)
            for channel, part in _parts(definition, arms, said).items()
        ),
    )


def arms_of(definition: CampaignDefinition) -> list[tuple[str, str]]:
    """Everything that may be shown: label and variation."""
    return list(dict.fromkeys(part[:2] for part in readiness.parts(definition)))


def _who(definition, customer, *, now) -> tuple[Customer | None, Answer | None]:
    """He, or somebody who will receive it; else somebody who is meant, else anybody."""
    if customer is not None:
        return customer, verdicts.of(definition, customer, now=now)
    people = Customer.objects.for_shop(definition.shop).present().select_related("shop")
    meant = audience.select(definition, now=now).order_by("pk").values_list("pk", flat=True)
    found = list(people.filter(pk__in=list(meant[:LOOKED_AT])).order_by("pk"))
    found = found or list(people.order_by("pk")[:1])
    answers = verdicts.of_many(definition, found, now=now) if found else {}
    best = next((each for each in found if answers[each.pk].received), found[0] if found else None)
    return best, best and answers[best.pk]


def _reason(answer: Answer | None, on: OnChannel | None) -> tuple[str, dt.datetime | None]:
    """Why he would not get it on a channel, or when."""
    if answer is None:
        return verdicts.NOT_MATCHED, None
    if not answer.matches or answer.is_held_out:
        return answer.reason, None
    # Whether it can be made is asked of the words that are shown, which need not be his.
    reason = "" if on.is_made is False else on.reason
    return reason or ("" if on.has_row else EARLIER_CHANNEL), on.not_before


def _parts(definition, arms, said: tuple[str, str]) -> dict[str, ChannelContent]:
    """By channel; where a variation is silent, what its arm says."""
    label, variation = said
    variant, parts = next(each for each in arms if each[0].label == label)
    for each in readiness.variations_of(variant, campaign_type=definition.campaign_type):
        if each.name == variation:
            return parts | each.channels
    return parts


def _received(
    definition, part: ChannelContent, customer, told: tuple[str, dt.datetime | None], *, now
) -> Received:
    shop, channel = definition.shop, part.channel
    prepared = rendering.draft(
        shop=shop, channel=channel, kind=Dispatch.Kind.MARKETING, content=part
    )
    common = readiness.example_values(definition, now=now)
    text = Filling(prepared, common=common)
    row: Mapping = text.common | {"customer_id": None}
    if customer is not None:
        (row,) = filling.rows([text], [customer.pk], common=common, now=now)
    found = text.of(row)
    error = next((each.error for each in found if each.error), "")
    reason, not_before = told
    if not message_sizes.measure(channel, text)(found).parts:
        reason = reason or str(Reason.RENDER_ERROR)
    made = {} if error else _made(part, text, row)
    sized = _sized(shop, text, found, customer, now=now) if channel == Channel.SMS else {}
    return Received(
        channel=channel,
        will_receive=not reason,
        reason=reason,
        not_before=not_before,
        error=error,
        fallbacks=_fallbacks(text, found),
        left_out=_left_out(text, found),
        missing=tuple(sorted(frozenset().union(*(each.missing for each in found)))),
        links=tuple(received_links.of(part, made, shop=shop)),
        **({"subject": "", "preheader": "", "text": "", "html": "", "headers": {}} | made),
        **({"encoding": "", "units": 0, "parts": 0, "culprits": (), "cost_micros": 0} | sized),
    )


def _made(part: ChannelContent, text: Filling, row: Mapping) -> dict:
    prepared = text.prepared
    if part.channel == Channel.SMS:
        return {"text": rendering.render_sms(prepared, row)}
    email = rendering.render_email(prepared, row)
    preheader = compile_subject(part.preheader)
    return {
        "subject": email.subject,
        "preheader": preheader.join([prepared.value(slot, row) for slot in preheader.slots]),
        "text": email.text,
        "html": email.html,
        "headers": rendering.list_unsubscribe(rendering.unsubscribe_url(row["uuid"])),
    }


def _sized(shop, text: Filling, found, customer: Customer | None, *, now) -> dict:
    has_error = any(each.error for each in found)
    counted = sms_segments.count("" if has_error else text.body(found))
    prices = pricing.price_list(shop=shop, channel=Channel.SMS, on=now.date())
    return {
        "encoding": counted.encoding,
        "units": counted.units,
        "parts": counted.segments,
        "culprits": tuple(
            Foreign(each.character, each.instead, each.is_of_people)
            for char in counted.culprits
            for each in [Culprit(char, message_sizes.source(char, text, found))]
        ),
        "cost_micros": counted.segments * prices.part(customer.phone if customer else ""),
    }


def _fallbacks(text: Filling, found: Sequence[Filled]) -> tuple[Instead, ...]:
    said = {
        (name, filled.instead[name])
        for slot, filled in zip(text.slots, found, strict=True)
        for name in own_blocks.writable(slot, filled.instead)
    }
    return tuple(Instead(name, text) for name, text in sorted(said))


def _left_out(text: Filling, found: Sequence[Filled]) -> tuple[str, ...]:
    kinds = {
        own_blocks.left_out(slot, filled) for slot, filled in zip(text.slots, found, strict=True)
    }
    return tuple(own_blocks.said(kind) for kind in sorted(kinds - {""}))
