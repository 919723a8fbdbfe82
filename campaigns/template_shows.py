"""What a template says to somebody, before there is a campaign: for the eyes of an owner.

By the renderer that sends, with the examples of the manual for the customer's own values.
"""

import datetime as dt
import difflib
from dataclasses import dataclass

from barbershop.models import Barbershop
from campaigns import codes, content, offers
from campaigns.content import ChannelContent
from campaigns.models import CampaignDefinition, Offer
from campaigns.template_versions import Said
from communications import examples, rendering, sms_segments
from communications.compiled import compile_subject
from communications.models import Dispatch
from communications.recipient_rows import NOBODY
from communications.sms_segments import SmsSegments
from customers import criteria
from customers.channels import Channel

EXAMPLE_CODE = codes.written("", "7K2Q9A")
FIRST_WORDS = 90


@dataclass(frozen=True)
class Shown:
    """One channel as its reader gets it; ``parts`` for a text message alone."""

    channel: str
    text: str
    subject: str = ""
    preheader: str = ""
    html: str = ""
    parts: SmsSegments | None = None


@dataclass(frozen=True)
class Wording:
    """The words of everybody, or of those whom ``criteria`` choose."""

    name: str
    sentence: str
    shown: tuple[Shown, ...]


def wordings(
    said: Said, *, shop: Barbershop, now: dt.datetime, names: criteria.Names | None = None
) -> list[Wording]:
    """Everything that a template says; the words for everybody come first."""
    names = names or criteria.Names(shop)
    kind = said.campaign_type
    parts = content.parse(said.channels, campaign_type=kind)
    values = offer_values(said, shop=shop, now=now)
    found = [Wording("", "", show_all(parts, values=values, shop=shop))]
    for each in content.parse_variations(said.variations, campaign_type=kind):
        sentence = criteria.parse(each.criteria).sentence(names)
        language = content.language_of(each.criteria)
        shown = show_all(each.channels, values=values, shop=shop, language=language)
        found.append(Wording(each.name, sentence, shown))
    return found


def show_all(
    parts: dict[str, ChannelContent],
    *,
    values: dict[str, str],
    shop: Barbershop,
    language: str = "",
) -> tuple[Shown, ...]:
    """Every channel, read by nobody in particular, who speaks a language.

    Args:
        values: what the offer puts into messages.
    """
    row = {
        "uuid": NOBODY,
        "values": values,
        "customer_id": None,
        "customer__language": language,
    }
    return tuple(_show(part, row, shop=shop) for part in parts.values())


def offer_values(said: Said, *, shop: Barbershop, now: dt.datetime) -> dict[str, str]:
    """What the offer puts into messages, with an example where it is each one's own."""
    offer = _offer(said)
    if offer is None:
        return {}
    draft = CampaignDefinition(shop=shop, offer=offer)
    return offers.values_of(draft, now=now) | {"offer_code": EXAMPLE_CODE}


def first_words(said: Said, *, shop: Barbershop, now: dt.datetime) -> tuple[str, str]:
    """Its subject, if it has one, and the beginning of its message on one line."""
    kind = said.campaign_type
    part = next(iter(content.parse(said.channels, campaign_type=kind).values()))
    values = offer_values(said, shop=shop, now=now)
    subject = examples.filled_subject(part.subject, shop=shop, values=values)
    words = " ".join(examples.filled(part.message, shop=shop, values=values).split())
    if len(words) > FIRST_WORDS:
        words = f"{words[:FIRST_WORDS].rsplit(' ', 1)[0]} …"
    return subject, words


def differences(old: Said, new: Said, *, names: criteria.Names) -> list[tuple[str, str]]:
    """(sign, line) of what was changed, as ``diff`` writes it: ``-`` is gone, ``+`` has come.

    Lines that stayed are left out but for those next to a change.
    """
    lines = difflib.unified_diff(_plain(old, names), _plain(new, names), n=1, lineterm="")
    return [
        (line[0].strip(), line[1:])
        for line in lines
        if not line.startswith(("---", "+++", "@@")) and line.strip()
    ]


def _show(part: ChannelContent, row: dict, *, shop: Barbershop) -> Shown:
    prepared = rendering.draft(
        shop=shop, channel=part.channel, kind=Dispatch.Kind.MARKETING, content=part
    )
    if part.channel == Channel.SMS:
        text = rendering.render_sms(prepared, row)
        return Shown(part.channel, text, parts=sms_segments.count(text))
    mail = rendering.render_email(prepared, row)
    preheader = compile_subject(part.preheader)
    words = preheader.join([prepared.value(slot, row) for slot in preheader.slots])
    return Shown(part.channel, mail.text, mail.subject, words, mail.html)


def _plain(said: Said, names: criteria.Names) -> list[str]:
    """A version as lines that people read."""
    kind = said.campaign_type
    lines = _lines("", content.parse(said.channels, campaign_type=kind))
    for each in content.parse_variations(said.variations, campaign_type=kind):
        lines.append(f"{each.name}: {criteria.parse(each.criteria).sentence(names)}")
        lines += _lines(f"{each.name}, ", each.channels)
    lines.append(f"For: {criteria.parse(said.target_criteria).sentence(names)}")
    if offer := _offer(said):
        days = f", for {offer.valid_days} days" if offer.valid_days else ""
        lines.append(f"Offer: {offers.worth(offer)} off{days}")
    return lines


def _offer(said: Said) -> Offer | None:
    """The offer that a campaign from it would have."""
    if not said.discount_percent:
        return None
    return Offer(kind=Offer.Kind.PERCENT, value=said.discount_percent, valid_days=said.valid_days)


def _lines(who: str, parts: dict[str, ChannelContent]) -> list[str]:
    lines = []
    for part in parts.values():
        if part.channel == Channel.SMS:
            lines.append(f"{who}Text message: {part.message}")
            continue
        lines.append(f"{who}Subject: {part.subject}")
        if part.preheader:
            lines.append(f"{who}Preview line: {part.preheader}")
        lines += [line for line in part.message.splitlines() if line.strip()]
    return lines
