"""From a stored content to what one recipient reads.

A content never changes, so it is prepared once per process: the bodies are cut into pieces, and a
recipient costs the look-up of his values and a join.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from html import escape

from django.conf import settings
from django.db.models import QuerySet

from barbershop.models import Barbershop
from communications import blocks, links, liquid, markup, recipient_rows
from communications.compiled import Compiled, Slot, compile_subject, compile_text, targets
from communications.languages import HOW_TO_STOP
from communications.markup import compile_html
from communications.merge_fields import MERGE_FIELDS
from communications.models import Dispatch, MessageContent
from communications.required_words import email_text, sms_text
from communications.visit_facts import Reader
from communications.written import SPECIAL, written_value
from customers.channels import Channel
from customers.models import Customer

__all__ = [
    "HOW_TO_STOP",
    "Prepared",
    "Rendered",
    "draft",
    "email_text",
    "prepare",
    "render_email",
    "render_sms",
    "rows",
    "sms_text",
]

UNSUBSCRIBE = Slot("unsubscribe_link")


@dataclass(frozen=True)
class Rendered:
    """An email as one recipient gets it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Prepared:
    """One content, ready for any number of recipients."""

    content_id: int
    subject: Compiled
    text: Compiled
    html: Compiled
    link_ids: tuple[int, ...]
    is_marketing: bool
    constants: Mapping[str, str]
    reader: Reader

    @cached_property
    def slots(self) -> list[Slot]:
        """Every slot once."""
        return list(dict.fromkeys(self.subject.slots + self.text.slots + self.html.slots))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every merge field that is read, those in conditions too."""
        return self.subject.names | self.text.names | self.html.names

    @property
    def paths(self) -> list[str]:
        """Look-ups from the message row that the slots need."""
        return recipient_rows.paths(self.names)

    def value(self, slot: Slot, row: Mapping) -> str:
        """One slot's value for one row (see ``recipient_rows``).

        Raises:
            liquid.exceptions.LiquidError: when a passage cannot be evaluated.
        """
        if slot.link is not None:
            return click_url(row["uuid"], self.link_ids[slot.link])
        if slot.passage is not None:
            return slot.evaluated(partial(self.raw, row=row))
        found = self.raw(slot, row)
        if not slot.in_url and found.__class__ is str:
            return found or slot.fallback
        return slot.written("" if found is None else str(found))

    def raw(self, slot: Slot, row: Mapping) -> str | int | None:
        """What a field or a link is for one row, before it is fitted in anywhere."""
        if slot.link is not None:
            return click_url(row["uuid"], self.link_ids[slot.link])
        name = slot.name
        if name == UNSUBSCRIBE.name:
            return unsubscribe_url(row["uuid"])
        if name in self.constants:
            return self.constants[name]
        field = MERGE_FIELDS[name]
        found = row["values"].get(name)
        if found:
            if field.write_given is not None:
                found = field.write_given(found, row, self.reader)
        else:
            if row["customer_id"] is None and not field.is_wording:
                return field.sample  # a test is written to nobody in particular
            found = row.get(field.column)
            if field.write is not None:
                found = field.write(found, row, self.reader)
        return written_value(found) if isinstance(found, str) else found

    def missing(self, row: Mapping) -> frozenset[str]:
        """The merge fields that would leave a gap for this row: empty, and without a fallback."""
        found: set[str] = set()
        for slot in self.slots:
            if slot.passage is not None:
                known = slot.known(partial(self.raw, row=row))
                found |= liquid.gaps(slot.passage.source, known)
            elif slot.link is None and not slot.fallback and self.raw(slot, row) in ("", None):
                found.add(slot.name)
        return frozenset(found)


def prepare(content_id: int, *, dispatch: Dispatch) -> Prepared:
    """Cut a content of a dispatch into pieces; cached, because contents are immutable.

    The shop's name, addresses and phone are cached with it: a dispatch that has begun ends with
    those that it began with, in this process.
    """
    return _prepare(content_id, dispatch.uuid)


@lru_cache(maxsize=64)
def _prepare(content_id: int, dispatch_uuid) -> Prepared:
    content = MessageContent.objects.select_related("dispatch", "shop").get(pk=content_id)
    stored = list(content.links.order_by("position"))
    return _made(
        shop=content.shop,
        channel=content.channel,
        kind=content.dispatch.kind,
        subject=content.subject,
        text=content.text,
        html=content.html,
        found=[link.target for link in stored],
        link_ids=tuple(link.pk for link in stored),
        content_id=content.pk,
    )


def draft(*, shop: Barbershop, channel: str, kind: str, content) -> Prepared:
    """What is not stored yet, just as it would be sent.

    Args:
        content: has ``subject``, ``message``, ``preheader``, ``blocks`` and ``html``.
    """
    html = blocks.source(shop=shop, kind=kind, content=content)
    found = link_targets(text=content.message, html=html, shop=shop)
    return _made(
        shop=shop,
        channel=channel,
        kind=kind,
        subject=content.subject,
        text=content.message,
        html=html,
        found=found,
        link_ids=tuple(range(len(found))),
    )


def link_targets(*, text: str, html: str, shop: Barbershop) -> list[str]:
    """The addresses in a content that become tracked links, each once, in order."""
    in_text = targets(text, booking_url=shop.booking_url)
    in_html = markup.targets(html, booking_url=shop.booking_url)
    return list(dict.fromkeys([*in_text, *in_html]))


def _made(
    *, shop, channel, kind, subject, text, html, found, link_ids, content_id: int = 0
) -> Prepared:
    common = {"links": found, "booking_url": shop.booking_url}
    if channel == Channel.SMS:
        body = compile_text(sms_text(text, shop=shop, kind=kind), **common)
        title = page = Compiled(("",), ())
    else:
        body = compile_text(email_text(text, shop=shop, kind=kind), **common)
        title = compile_subject(subject)
        page = compile_html(html or blocks.plain_page(text, shop=shop, kind=kind), **common)
    return Prepared(
        content_id=content_id,
        subject=title,
        text=body,
        html=page,
        link_ids=link_ids,
        is_marketing=kind != Dispatch.Kind.TRANSACTIONAL,
        constants={
            field.name: written_value(str(getattr(shop, field.shop_attribute) or ""))
            for field in MERGE_FIELDS.values()
            if field.shop_attribute
        },
        reader=Reader(shop),
    )


def rows(
    prepared: Collection[Prepared],
    customers: QuerySet[Customer],
    *,
    values: Mapping[int, Mapping[str, str]] | None = None,
    common: Mapping[str, str] | None = None,
    now: dt.datetime,
) -> Iterator[dict]:
    """Rows for customers without a message; see ``recipient_rows.of_customers``."""
    names = frozenset().union(*(each.names for each in prepared))
    shop = next(iter(prepared)).reader.shop
    return recipient_rows.of_customers(
        customers, names=names, shop=shop, values=values, common=common, now=now
    )


def render_sms(prepared: Prepared, row: Mapping) -> str:
    return prepared.text.join([prepared.value(slot, row) for slot in prepared.text.slots])


def render_email(prepared: Prepared, row: Mapping) -> Rendered:
    """The same values in the same places as a call to the provider carries them."""
    html = [slot.in_html(prepared.value(slot, row)) for slot in prepared.html.slots]
    return Rendered(
        subject=prepared.subject.join([prepared.value(s, row) for s in prepared.subject.slots]),
        text=render_sms(prepared, row),
        html=prepared.html.join(html),
    )


def escaped(value: str) -> str:
    """A value for an HTML text or attribute."""
    return escape(value) if SPECIAL.search(value) else value


def list_unsubscribe(url: str) -> dict[str, str]:
    """The headers of one recipient's one-click unsubscribe (RFC 8058).

    Where email can be received, also the address of RFC 2369, for mail programs that know no other.
    """
    ways = f"<{url}>"
    if settings.SENDGRID_INBOUND_DOMAIN:
        token = url.rstrip("/").rpartition("/")[2]
        address = f"unsubscribe+{token}@{settings.SENDGRID_INBOUND_DOMAIN}"
        ways += f", <mailto:{address}?subject=unsubscribe>"
    return {
        "List-Unsubscribe": ways,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def unsubscribe_url(uuid) -> str:
    return f"{settings.PUBLIC_BASE_URL}/u/{links.unsubscribe_token(uuid)}/"


def click_url(uuid, link_id: int) -> str:
    return f"{settings.PUBLIC_BASE_URL}/c/{links.click_token(uuid, link_id)}/"
