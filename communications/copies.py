"""The texts of messages as their receiver read them, for his own copy of what is held."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from communications import recipient_rows
from communications.compiled import Compiled, Slot, compile_subject, compile_text
from communications.merge_fields import MERGE_FIELDS
from communications.models import CustomerCommunication, MessageContent, TrackedLink
from communications.required_words import email_text, sms_text
from communications.visit_facts import Reader
from communications.written import written_value
from customers.channels import Channel

UNSUBSCRIBE = "[your link to unsubscribe]"


@dataclass(frozen=True)
class _Copy:
    content: MessageContent
    links: list[str]
    subject: Compiled
    text: Compiled

    def written(self, compiled: Compiled, fact: Mapping) -> str:
        def value(slot: Slot) -> str | int | None:
            return _value(slot, fact, self)

        return compiled.join([slot.evaluated(value) for slot in compiled.slots])


def add_texts(rows: list[dict]) -> None:
    """Give exported messages (with ``id``) their ``subject`` and ``text``.

    Names and visits stand as they are now. Links are written as what they lead to, so that nobody
    who reads the copy is counted for him. A handful of queries for all of them.
    """
    found = CustomerCommunication.objects.filter(pk__in=[row["id"] for row in rows])
    copies = _copies(found)
    names = frozenset().union(*(c.subject.names | c.text.names for c in copies.values()))
    facts = {
        each["pk"]: each
        for each in recipient_rows.of_messages(
            found,
            "pk",
            "content_id",
            names=names,
            shop=next((copy.content.shop for copy in copies.values()), None),
            now=timezone.now(),
        )
    }
    for row in rows:
        fact = facts[row["id"]]
        copy = copies[fact["content_id"]]
        row["subject"] = copy.written(copy.subject, fact)
        row["text"] = copy.written(copy.text, fact)


def _copies(messages: QuerySet[CustomerCommunication]) -> dict[int, _Copy]:
    contents = MessageContent.objects.select_related("dispatch", "shop").filter(
        pk__in=messages.values("content_id")
    )
    targets: dict[int, list[str]] = {content.pk: [] for content in contents}
    stored = TrackedLink.objects.filter(content__in=targets).order_by("content", "position")
    for content_id, target in stored.values_list("content_id", "target"):
        targets[content_id].append(target)
    return {
        content.pk: _Copy(
            content,
            targets[content.pk],
            compile_subject(content.subject),
            _compiled(content, targets[content.pk]),
        )
        for content in contents
    }


def _compiled(content: MessageContent, links: list[str]) -> Compiled:
    shop, kind = content.shop, content.dispatch.kind
    if content.channel == Channel.SMS:
        text = sms_text(content.text, shop=shop, kind=kind)
    else:
        text = email_text(content.text, shop=shop, kind=kind)
    return compile_text(text, links=links, booking_url=shop.booking_url)


def _value(slot: Slot, fact: Mapping, copy: _Copy) -> str | int | None:
    if slot.link is not None:
        return copy.links[slot.link]
    if slot.name == "unsubscribe_link":
        return UNSUBSCRIBE
    field = MERGE_FIELDS[slot.name]
    if field.shop_attribute:
        found = getattr(copy.content.shop, field.shop_attribute)
    else:
        reader = Reader(copy.content.shop)
        found = fact["values"].get(slot.name)
        if found:
            found = field.write_given(found, fact, reader) if field.write_given else found
        else:
            found = fact.get(field.column) if field.column else None
            if field.write:
                found = field.write(found, fact, reader)
    return written_value(found) if isinstance(found, str) else found
