"""What a person must see: what each kind means, what to do about it, and saying that it is done."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from barbershop import audit
from communications.models import Incident

Kind = Incident.Kind


@dataclass(frozen=True)
class Guide:
    """``meaning``: what has happened; ``remedy``: what to do. Plain sentences for owners."""

    meaning: str
    remedy: str


GUIDES = {
    Kind.PROVIDER_REFUSED_US: Guide(
        "The provider would not let us in. Nobody's message is at fault, and nothing was sent: "
        "the campaign is paused.",
        "Check the keys of the provider account. Then resume the campaign.",
    ),
    Kind.UNKNOWN_OUTCOME: Guide(
        "The provider did not answer, and no sign of the messages has come since. They may have "
        "arrived, or not; they are not sent again by themselves.",
        "Release the call if a second copy is better than none. Leave it if it is not.",
    ),
    Kind.LATE_EVIDENCE: Guide(
        "The provider reports on messages that we held for not sent: it had them after all.",
        "Look whether these people were written to again meanwhile, and do not send it once more.",
    ),
    Kind.INBOUND_UNCLEAR: Guide(
        "Somebody answered a text with words that may mean “stop”.",
        "Read the words. If they mean “stop”, opt the customer out.",
    ),
    Kind.QUARANTINED_EVENT: Guide(
        "A report of the provider could not be read. It is kept; the reports beside it count.",
        "Show it to whoever runs the installation: once mended, it is replayed in admin, provider "
        "events, and this closes by itself. Until then a figure may be too low by one.",
    ),
}
UNWRITTEN = Guide("The sending engine asks for a person.", "Read what it says and look at the row.")


def guide(incident: Incident) -> Guide:
    return GUIDES.get(incident.kind, UNWRITTEN)


def open_ones(shop) -> QuerySet[Incident]:
    return Incident.objects.for_shop(shop).filter(resolved_at=None)


def about(dispatch) -> QuerySet[Incident]:
    """The open incidents of one run, whether they name it, one of its calls or a message."""
    mine = Q(dispatch=dispatch) | Q(attempt__dispatch=dispatch)
    return open_ones(dispatch.shop_id).filter(mine | Q(communication__dispatch=dispatch))


def settle(incident: Incident, *, by, now: dt.datetime | None = None) -> bool:
    """Say that a person has dealt with it. The first who says so stays on record; True for him."""
    now = now or timezone.now()
    with transaction.atomic():
        won = Incident.objects.filter(pk=incident.pk, resolved_at=None).update(
            resolved_at=now, resolved_by=by
        )
        if won:
            audit.record(
                shop=incident.shop,
                action="incident.settle",
                by=by,
                target=incident,
                after={"kind": incident.kind},
                now=now,
            )
    return bool(won)
