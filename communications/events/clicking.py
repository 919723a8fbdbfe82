"""Clicks that a provider reports, judged like visits to our own links.

Our links are the truth about clicks. Where a provider's own tracking is on it reports the same
visits once more, so the two are never mixed: they are judged apart, by the same rule.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from communications import click_bursts, clicks
from communications.click_bursts import Visit
from communications.models import CustomerCommunication, ProviderEvent


def judge(events: Collection[ProviderEvent], known: Collection[UUID]) -> None:
    """Turn reports of clicks into machines' where they are, and take back what they counted.

    Call it when the facts of these events were written: their messages are locked by that.
    """
    told = {event.communication_uuid for event in events if event.kind == clicks.CLICKED}
    told &= set(known)
    if not told:
        return
    rows = _reported(told, events)
    links = _links(told)
    found: dict[str, list[int]] = defaultdict(list)
    judged: set[UUID] = set()
    for message, mine in rows.items():
        for event, reason in _reasons(mine, links=links[message]):
            if event.kind == clicks.CLICKED:
                found[reason].append(event.pk)
                judged.add(message)
    for reason, pks in found.items():
        ProviderEvent.objects.filter(pk__in=pks).update(
            kind=clicks.MACHINE_CLICKED, machine_reason=reason
        )
    if judged:
        clicks.take_back(judged)


def _reported(messages: set[UUID], events) -> dict[UUID, list[ProviderEvent]]:
    """All reports of clicks on these messages that are folded, or are being folded here.

    What another fold holds is left to it: it judges again when it has the messages.
    """
    here = [event.pk for event in events if event.communication_uuid in messages]
    rows = (
        ProviderEvent.objects.filter(
            Q(folded_at__isnull=False) | Q(pk__in=here),
            communication_uuid__in=messages,
            kind__in=(clicks.CLICKED, clicks.MACHINE_CLICKED),
        )
        .annotate(at=Coalesce("occurred_at", "received_at"))
        .only("communication_uuid", "kind", "payload")
    )
    found: dict[UUID, list[ProviderEvent]] = defaultdict(list)
    for row in rows:
        found[row.communication_uuid].append(row)
    return found


def _links(messages: set[UUID]) -> dict[UUID, int]:
    rows = CustomerCommunication.objects.filter(uuid__in=messages).order_by()
    return dict(rows.annotate(links=Count("content__links")).values_list("uuid", "links"))


def _reasons(events: list[ProviderEvent], *, links: int) -> Iterable[tuple[ProviderEvent, str]]:
    """The machines among the reports about one message, each with its reason."""
    unnamed = []
    for event in events:
        named = clicks.judge_agent(_text(event, "useragent"))
        if named.reason:
            yield event, named.reason
        elif _text(event, "url"):  # without it nobody knows which link it was
            unnamed.append(event)
    visits = [Visit(_text(event, "url"), event.at) for event in unnamed]
    for event, reason in zip(unnamed, click_bursts.reasons(visits, links=links), strict=True):
        if reason:
            yield event, reason


def _text(event: ProviderEvent, key: str) -> str:
    value = event.payload.get(key, "")
    return value if isinstance(value, str) else ""
