"""The texts of messages as their receiver read them, for his own copy of what is held."""

from collections.abc import Mapping

from communications.compiled import Compiled, Slot, clean, compile_subject, compile_text
from communications.merge_fields import MERGE_FIELDS
from communications.models import CustomerCommunication, MessageContent, TrackedLink
from communications.rendering import footer_text, sms_text
from customers.channels import Channel

UNSUBSCRIBE = "[your link to unsubscribe]"


def add_texts(rows: list[dict]) -> None:
    """Give exported messages (with ``id``) their ``subject`` and ``text``.

    Names stand as they are now. Links are written as what they lead to, so that nobody who reads
    the copy is counted for him. A handful of queries for all of them.
    """
    paths = sorted({field.path for field in MERGE_FIELDS.values() if field.path})
    found = CustomerCommunication.objects.filter(pk__in=[row["id"] for row in rows])
    facts = {each["pk"]: each for each in found.values("pk", "content_id", "values", *paths)}
    contents = _contents({each["content_id"] for each in facts.values()})
    for row in rows:
        fact = facts[row["id"]]
        content, links = contents[fact["content_id"]]
        row["subject"] = _written(compile_subject(content.subject), fact, content, links)
        row["text"] = _written(_compiled(content, links), fact, content, links)


def _contents(ids: set[int]) -> dict[int, tuple[MessageContent, list[str]]]:
    targets: dict[int, list[str]] = {}
    stored = TrackedLink.objects.filter(content__in=ids).order_by("content", "position")
    for content_id, target in stored.values_list("content_id", "target"):
        targets.setdefault(content_id, []).append(target)
    contents = MessageContent.objects.select_related("dispatch", "shop").in_bulk(ids)
    return {pk: (content, targets.get(pk, [])) for pk, content in contents.items()}


def _compiled(content: MessageContent, links: list[str]) -> Compiled:
    shop, kind = content.shop, content.dispatch.kind
    if content.channel == Channel.SMS:
        text = sms_text(content.text, shop=shop, kind=kind)
    else:
        text = f"{content.text}\n\n--\n{footer_text(shop, kind=kind)}"
    return compile_text(text, links=links, booking_url=shop.booking_url)


def _written(compiled: Compiled, fact: Mapping, content: MessageContent, links: list[str]) -> str:
    return compiled.join([_value(slot, fact, content, links) for slot in compiled.slots])


def _value(slot: Slot, fact: Mapping, content: MessageContent, links: list[str]) -> str:
    if slot.link is not None:
        return links[slot.link]
    if slot.name == "unsubscribe_link":
        return UNSUBSCRIBE
    field = MERGE_FIELDS[slot.name]
    if field.shop_attribute:
        value = getattr(content.shop, field.shop_attribute)
    else:
        value = fact["values"].get(slot.name) or (fact[field.path] if field.path else "")
    return slot.written(clean(str(value or "")))
