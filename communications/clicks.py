"""Visits to tracked links: whether a person made them, and what they change."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from communications.facts import Facts, write
from communications.models import CustomerCommunication, LinkClick, TrackedLink
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


@dataclass(frozen=True, slots=True)
class Judged:
    """Who came, with the reason when it was a machine."""

    verdict: str
    reason: str = ""


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
    known = _MACHINES.search(agent)
    if known:
        return Judged(Verdict.MACHINE, f"agent {known.group().lower()}"[:60])
    return Judged(Verdict.PERSON)


def record(
    *, link: TrackedLink, message: CustomerCommunication, verdict: Judged, now: dt.datetime
) -> None:
    """Store a visit and, on the message, the first click of its kind."""
    person = verdict.verdict == Verdict.PERSON
    first = "clicked_at" if person else "machine_clicked_at"
    with transaction.atomic():
        LinkClick.objects.create(
            shop_id=link.shop_id,
            link=link,
            communication=message,
            verdict=verdict.verdict,
            verdict_reason=verdict.reason,
            clicked_at=now,
        )
        write({message.uuid: Facts(times={first: now})})
        if person:
            transaction.on_commit(partial(_announce, message.pk, now=now))


def _announce(pk: int, *, now: dt.datetime) -> None:
    communication_events.send_robust(sender=CustomerCommunication, communication_ids=[pk], now=now)
