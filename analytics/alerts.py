"""Opening and resolving alerts: this floor asks what the lower ones have left on record.

A campaign that was scheduled and did not start is a draft again, with the reason in the audit log.
It stays alerted while it is a draft that still shows the time it missed: executing it, giving it
another time or none, and deleting it all resolve the alert.
"""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from analytics.models import Alert
from barbershop.models import AuditEntry
from campaigns.models import CampaignDefinition

KIND = "campaign_not_started"
TITLES = {
    "campaign.missed": "“{}” missed its time and was not sent",
    "campaign.not_started": "“{}” could not start",
}


def watch(*, now: dt.datetime | None = None) -> int:
    """Bring the alerts about campaigns up to date; returns how many were opened."""
    now = now or timezone.now()
    with transaction.atomic():
        missed = _missed(now)
        wanted = {_key(definition): (definition, entry) for definition, entry in missed}
        open_now = {
            alert.key: alert
            for alert in Alert.objects.select_for_update().filter(kind=KIND, resolved_at=None)
        }
        over = [alert.pk for key, alert in open_now.items() if key not in wanted]
        Alert.objects.filter(pk__in=over).update(resolved_at=now, updated_at=now)
        opened = [_alert(*wanted[key]) for key in wanted if key not in open_now]
        # Two workers at once: the constraint lets one of them open it.
        Alert.objects.bulk_create(opened, ignore_conflicts=True)
    return len(opened)


def _missed(now: dt.datetime) -> list[tuple[CampaignDefinition, AuditEntry]]:
    """Drafts that show the time at which they should have started, each with what was said."""
    drafts = CampaignDefinition.objects.filter(
        status=CampaignDefinition.Status.DRAFT, scheduled_for__lte=now
    )
    by_id = {str(each.pk): each for each in drafts.select_related("shop")}
    entries = AuditEntry.objects.filter(
        shop__in={each.shop_id for each in by_id.values()},
        action__in=TITLES,
        object_type=CampaignDefinition._meta.label_lower,
        object_id__in=by_id,
    )
    newest = {entry.object_id: entry for entry in entries.select_related("detail").order_by("pk")}
    return [
        (by_id[pk], entry)
        for pk, entry in newest.items()
        if _said(entry, "scheduled_for")
        and parse_datetime(_said(entry, "scheduled_for")) == by_id[pk].scheduled_for
    ]


def _alert(definition: CampaignDefinition, entry: AuditEntry) -> Alert:
    return Alert(
        shop=definition.shop,
        kind=KIND,
        key=_key(definition),
        severity=Alert.Severity.CRITICAL,
        title=TITLES[entry.action].format(definition.name)[:200],
        body=_said(entry, "reason"),
        link=reverse("campaign", args=[definition.pk]),
    )


def _key(definition: CampaignDefinition) -> str:
    return f"campaign:{definition.pk}"


def _said(entry: AuditEntry, name: str) -> str:
    """A word of the entry's detail, which an erasure may have emptied."""
    return (entry.detail.after or {}).get(name, "")
