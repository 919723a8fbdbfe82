"""From a stored content to what one recipient reads.

A content never changes, so it is prepared once per process: the bodies are cut into pieces, and a
recipient costs the look-up of his values and a join.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

from django.conf import settings
from django.template.loader import render_to_string

from barbershop.models import Barbershop
from communications import links
from communications.compiled import (
    Compiled,
    Slot,
    clean,
    compile_html,
    compile_subject,
    compile_text,
    html_of,
    marked,
)
from communications.merge_fields import MERGE_FIELDS
from communications.models import Dispatch, MessageContent
from customers.channels import Channel
from customers.disclosures import spoken

UNSUBSCRIBE = Slot("unsubscribe_link")
# The notice itself: "Stop by" and "non-stop" are none. Said otherwise, it is said twice: no harm.
_HOW_TO_STOP = re.compile(
    r"""\b(?i:reply|text|txt|send|answer|responda|responde|env[ií]a|env[ií]e|r[ée]pondez|envoyez)
        (?i:\s+(?:with|con|par|avec|the\s+word|la\s+palabra|le\s+mot))*
        [\s"'\u2018-\u201d«»]+STOP\b""",
    re.VERBOSE,
)
# In the shop's language, and in GSM-7: nobody pays for a notice with shorter parts.
HOW_TO_STOP = {
    "en": "Reply STOP to opt out.",
    "es": "Responda STOP para darse de baja.",
    "fr": "R\xe9pondez STOP pour ne plus rien recevoir.",
}
_SHOP_FIELD = re.compile(r"\{\{\s*shop_name\b")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SPECIAL = re.compile(r"[&<>\"']")


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

    @cached_property
    def slots(self) -> list[Slot]:
        """Every slot once."""
        return list(dict.fromkeys(self.subject.slots + self.text.slots + self.html.slots))

    @property
    def paths(self) -> list[str]:
        """Look-ups from the message row that the slots need."""
        fields = (MERGE_FIELDS[slot.name] for slot in self.slots if slot.link is None)
        return sorted({field.path for field in fields if field.path})

    def value(self, slot: Slot, row: Mapping) -> str:
        """One slot's value for one message row (a mapping with ``uuid``, ``values``, paths)."""
        if slot.link is not None:
            return click_url(row["uuid"], self.link_ids[slot.link])
        if slot.name == UNSUBSCRIBE.name:
            return unsubscribe_url(row["uuid"])
        if slot.name in self.constants:
            return slot.written(self.constants[slot.name])
        field = MERGE_FIELDS[slot.name]
        found = row["values"].get(slot.name) or (row.get(field.path) if field.path else "")
        if not found and row.get("customer_id") is None:
            found = field.example  # a test is written to nobody in particular
        return slot.written(clean(str(found or "")))


def prepare(content_id: int, *, dispatch: Dispatch) -> Prepared:
    """Cut a content of a dispatch into pieces; cached, because contents are immutable.

    The shop's name, addresses and phone are cached with it: a dispatch that has begun ends with
    those that it began with, in this process.
    """
    return _prepare(content_id, dispatch.uuid)


@lru_cache(maxsize=64)
def _prepare(content_id: int, dispatch_uuid) -> Prepared:
    content = MessageContent.objects.select_related("dispatch", "shop").get(pk=content_id)
    shop, kind = content.shop, content.dispatch.kind
    stored = list(content.links.order_by("position"))
    found = [link.target for link in stored]
    common = {"links": found, "booking_url": shop.booking_url}
    if content.channel == Channel.SMS:
        text = compile_text(sms_text(content.text, shop=shop, kind=kind), **common)
        subject = html = Compiled(("",), ())
    else:
        footer = footer_text(shop, kind=kind)
        text = compile_text(f"{content.text}\n\n--\n{footer}", **common)
        subject = compile_subject(content.subject)
        html = _email_html(content, kind=kind, **common)
    return Prepared(
        content_id=content.pk,
        subject=subject,
        text=text,
        html=html,
        link_ids=tuple(link.pk for link in stored),
        is_marketing=kind != Dispatch.Kind.TRANSACTIONAL,
        constants={
            field.name: clean(str(getattr(shop, field.shop_attribute) or ""))
            for field in MERGE_FIELDS.values()
            if field.shop_attribute
        },
    )


def render_sms(prepared: Prepared, row: Mapping) -> str:
    return prepared.text.join([prepared.value(slot, row) for slot in prepared.text.slots])


def sms_text(text: str, *, shop: Barbershop, kind: str) -> str:
    """A marketing text names the shop and says how to stop, as the law asks."""
    if kind == Dispatch.Kind.TRANSACTIONAL:
        return text
    if not _names(text, shop=shop):
        text = f"{shop.name}: {text}"
    if not _HOW_TO_STOP.search(text):
        text = f"{text} {HOW_TO_STOP[spoken(shop.language)]}"
    return text


def _names(text: str, *, shop: Barbershop) -> bool:
    """Whether people read who writes: "sale" does not name Al, nor does a web address."""
    read = _WEB_ADDRESS.sub(" ", text)
    name = rf"(?<!\w){re.escape(shop.name.strip())}(?!\w)"
    return bool(_SHOP_FIELD.search(read) or re.search(name, read, re.IGNORECASE))


def footer_text(shop: Barbershop, *, kind: str) -> str:
    lines = [shop.name, shop.postal_address]
    if kind != Dispatch.Kind.TRANSACTIONAL:
        lines.append("Unsubscribe: {{ unsubscribe_link }}")
    return "\n".join(line for line in lines if line)


def escaped(value: str) -> str:
    """A value for an HTML text or attribute."""
    return escape(value) if _SPECIAL.search(value) else value


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


def _email_html(content: MessageContent, *, kind: str, links: list[str], booking_url: str):
    slots: list[Slot] = []
    body = html_of(content.text, links=links, booking_url=booking_url, slots=slots)
    page = render_to_string(
        "messages/email/plain.html",
        {
            "shop": content.shop,
            "body": body,
            "unsubscribe": ""
            if kind == Dispatch.Kind.TRANSACTIONAL
            else marked(UNSUBSCRIBE, slots),
        },
    )
    return compile_html(page, slots)
