"""How the delivery of a run goes: what has left, what is in a call, what nobody knows, what failed.

The same figures as ``manage.py ledger --summary``.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.head import head_of
from barbershop.pages import STOP_POLLING, frame, shop_page
from campaigns import live, progress
from campaigns.controls import RELEASE, RETRY, second_chances
from campaigns.views import definition_of
from campaigns.views_incidents import explained
from campaigns.views_resending import failure_label
from communications.delivery import resolve

WORDS = {
    "pending": ("Waiting", "scheduled", "for their turn, or in a call right now"),
    "sent": ("Sent", "done", "the provider has them"),
    "blocked": ("Blocked", "archived", "held back by consent and the shop's rules"),
    "rejected": ("Rejected", "failed", "refused by the provider"),
    "unknown": ("Not known", "paused", "the provider's answer was lost, or never came"),
    "cancelled": ("Cancelled", "cancelled", "taken back before their turn"),
}


@dataclass(frozen=True)
class CountRow:
    """One word of the ledger: ``tone`` is a state of ``ui.STATES``, ``href`` leads to the rows."""

    label: str
    tone: str
    meaning: str
    number: int
    href: str


@dataclass(frozen=True)
class FailureRow:
    label: str
    number: int
    href: str


@shop_page
@require_safe
def delivery(request, pk):
    definition = definition_of(request, pk)
    run = progress.current_execution(definition)
    if run is None:
        return redirect("campaign", pk=pk)
    now = timezone.now()
    context = _context(request, definition, run, now)
    context |= frame(title=f"Delivery of {definition.name}", section="campaigns", now=now)
    return render(request, "analytics/delivery.html", context)


@shop_page
@require_safe
def delivery_live(request, pk):
    """What moves on that page; 286 when nothing of the run can move by itself soon."""
    definition = definition_of(request, pk)
    run = progress.current_execution(definition)
    if run is None:
        return redirect("campaign", pk=pk)
    now = timezone.now()
    context = _context(request, definition, run, now) | {"oob": True, "as_of": now}
    status = 200 if context["is_moving"] else STOP_POLLING
    return render(request, "analytics/_delivery_live.html", context, status=status)


def _context(request, definition, run, now) -> dict:
    found = live.of(run, now=now)
    failed = live.failed(run.dispatch)
    head = head_of(definition, run, found.counts, rights=request.rights, now=now)
    offered = second_chances(
        head["state"],
        failed=sum(failed.values()),
        unresolved=found.unresolved.number,
        rights=request.rights,
    )
    for call in found.on_the_wire.oldest:
        call.seconds_left = int((call.call_deadline - now).total_seconds())
    for call in found.unresolved.oldest:
        call.resolved_by = resolve.what_next(call, now=now)
    for incident in explained(found.incidents):
        incident.campaign_id = definition.pk
    return head | {
        "live_url": reverse("campaign-delivery-live", args=[definition.pk]),
        # A paused run still answers the calls that had begun.
        "is_moving": head["is_moving"] or bool(found.on_the_wire.number),
        "poll_seconds": 1 if head["undo_until"] else 5,
        "found": found,
        "rows": _rows(found),
        "failures": [_failure(definition, run, why, number) for why, number in failed.items()],
        "failed": sum(failed.values()),
        "may_release": RELEASE in offered,
        "retry": RETRY if RETRY in offered else None,
        "incidents": found.incidents,
        "rows_url": rows_url(definition, run=run.pk),
        "now": now,
    }


def rows_url(definition, **query) -> str:
    """The address of the messages behind a number."""
    return f"{reverse('campaign-recipients', args=[definition.pk])}?{urlencode(query)}"


def _rows(found: live.Live) -> list[CountRow]:
    run = found.execution
    return [
        CountRow(
            *WORDS[word],
            getattr(found.counts, word),
            rows_url(run.definition, run=run.pk, outcome=word),
        )
        for word in WORDS
    ]


def _failure(definition, run, why: str, number: int) -> FailureRow:
    rows = rows_url(definition, run=run.pk, reason=why)
    return FailureRow(failure_label(why), number, "#not-known" if why == live.NOT_SENT else rows)
