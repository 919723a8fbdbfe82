"""Visits to tracked links: whether a person made them, and what they change."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from communications import click_bursts
from communications.click_bursts import Visit
from communications.facts import Facts, write
from communications.models import (
    CustomerCommunication,
    LinkClick,
    ProviderEvent,
    TrackedLink,
)
from communications.signals import communication_events

Verdict = LinkClick.Verdict

# Programs that follow links by themselves: mail scanners, link previews, tools.
_MACHINES = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scan|monitor|headless|phantomjs|python|curl|wget|java/"
    r"|okhttp|go-http|libwww|httpclient|axios|node-fetch|barracuda|proofpoint|mimecast|safelinks"
    r"|cloudmark|symantec|trendmicro|forcepoint|fortinet|sophos|ironport|messagelabs"
    r"|facebookexternalhit|whatsapp|telegram|skypeuri|google-safety|googleimageproxy",
    re.IGNORECASE,
)
_AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
# The words for reports, see ``events.words``.
CLICKED, MACHINE_CLICKED = "clicked", "machine_clicked"
_CLICKS = ("clicked_at", "machine_clicked_at")
MOST_VISITS = 500  # of one message, judged together: a link may have been posted in public


@dataclass(frozen=True, slots=True)
class Judged:
    """Who came, with the reason when it was a machine."""

    verdict: str
    reason: str = ""


_PERSON = Judged(Verdict.PERSON)


def judge(*, method: str, headers: Mapping[str, str]) -> Judged:
    """Tell a person's visit from a machine's by what the request says of itself."""
    if method == "HEAD":
        return Judged(Verdict.MACHINE, "head")
    ahead = " ".join(headers.get(name, "") for name in _AHEAD_HEADERS).lower()
    if "prefetch" in ahead or "preview" in ahead or "prerender" in ahead:
        return Judged(Verdict.MACHINE, "prefetch")
    agent = headers.get("User-Agent", "")
    if not agent:
        return Judged(Verdict.MACHINE, "no user agent")
    return judge_agent(agent)


def judge_agent(agent: str) -> Judged:
    """Tell by the name alone; without one it says nothing."""
    known = _MACHINES.search(agent)
    return Judged(Verdict.MACHINE, f"agent {known.group().lower()}"[:60]) if known else _PERSON


def record(
    *, link: TrackedLink, message: CustomerCommunication, verdict: Judged, now: dt.datetime
) -> None:
    """Store a visit and, on the message, the first click of its kind.

    A visit that turns out to be one of many at once takes back the others too.
    """
    person = verdict.verdict == Verdict.PERSON
    first = "clicked_at" if person else "machine_clicked_at"
    with transaction.atomic():
        # The message first: its lock lets two visits at the same moment see each other.
        write({message.uuid: Facts(times={first: now})})
        LinkClick.objects.create(
            shop_id=link.shop_id,
            link=link,
            communication=message,
            verdict=verdict.verdict,
            verdict_reason=verdict.reason,
            clicked_at=now,
        )
        if person:
            if _judge_together(message, now=now):
                take_back([message.uuid])
            transaction.on_commit(partial(_announce, message.pk, now=now))


def _judge_together(message: CustomerCommunication, *, now: dt.datetime) -> bool:
    """Find machines among the visits around this moment; whether there are new ones.

    What a program's name gave away stands apart: a person may come at the same moment.
    """
    unnamed = Q(verdict=Verdict.PERSON) | Q(verdict_reason__in=click_bursts.REASONS)
    around = (now - click_bursts.ROUND, now + click_bursts.ROUND)
    visits = LinkClick.objects.filter(unnamed, communication=message, clicked_at__range=around)
    rows = list(
        visits.order_by("-clicked_at", "-pk").values_list("pk", "link", "clicked_at", "verdict")[
            :MOST_VISITS
        ]
    )
    if len(rows) < 2:
        return False
    found = click_bursts.reasons(
        [Visit(link, at) for _, link, at, _ in rows],
        links=TrackedLink.objects.filter(content=message.content_id).count(),
    )
    new: dict[str, list[int]] = defaultdict(list)
    for (pk, _, _, verdict), reason in zip(rows, found, strict=True):
        if reason and verdict == Verdict.PERSON:
            new[reason].append(pk)
    for reason, pks in new.items():
        LinkClick.objects.filter(pk__in=pks).update(verdict=Verdict.MACHINE, verdict_reason=reason)
    return bool(new)


def take_back(messages: Collection[UUID]) -> None:
    """Where a message's first click was a machine's, put the first that was a person's, or none.

    A click that nothing stored explains stays. Must run in the transaction that judged, after the
    messages were locked.
    """
    visits = LinkClick.objects.filter(communication=OuterRef("pk"))
    told = ProviderEvent.objects.filter(communication_uuid=OuterRef("uuid")).annotate(
        at=Coalesce("occurred_at", "received_at")
    )
    rows = CustomerCommunication.objects.filter(uuid__in=messages, clicked_at__isnull=False)
    rows = rows.annotate(
        is_machine=Exists(visits.filter(verdict=Verdict.MACHINE, clicked_at=OuterRef("clicked_at")))
        | Exists(told.filter(kind=MACHINE_CLICKED, at=OuterRef("clicked_at"))),
        person_here=_first(visits.filter(verdict=Verdict.PERSON), "clicked_at"),
        machine_here=_first(visits.filter(verdict=Verdict.MACHINE), "clicked_at"),
        person_told=_first(told.filter(kind=CLICKED), "at"),
        machine_told=_first(told.filter(kind=MACHINE_CLICKED), "at"),
    )
    wrong = list(rows.filter(is_machine=True).order_by("pk").only("pk", *_CLICKS))
    for message in wrong:
        message.clicked_at = _earliest(message.person_here, message.person_told)
        message.machine_clicked_at = _earliest(
            message.machine_clicked_at, message.machine_here, message.machine_told
        )
    CustomerCommunication.objects.bulk_update(wrong, _CLICKS, batch_size=200)


def _first(rows: QuerySet, at: str) -> Subquery:
    return Subquery(rows.order_by(at).values(at)[:1])


def _earliest(*times: dt.datetime | None) -> dt.datetime | None:
    return min(filter(None, times), default=None)


def _announce(pk: int, *, now: dt.datetime) -> None:
    communication_events.send_robust(sender=CustomerCommunication, communication_ids=[pk], now=now)
