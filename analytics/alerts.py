"""Opening and resolving alerts: this floor asks what the lower ones have left on record.

A campaign that was scheduled and did not start is a draft again, with the reason in the audit log.
It stays alerted while it is a draft that still shows the time it missed: executing it, giving it
another time or none, and deleting it all resolve the alert.

A budget is alerted at 80 % and when it is spent, until its limit is raised, its month is over or
its campaign has ended.

Complaints, bounces and opt-outs are alerted as long as their share stays at its line
(``communications.reputation``); where they stop the sending, the watch pauses it first.
"""

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from analytics.models import Alert
from barbershop.models import AuditEntry, Barbershop
from campaigns.models import CampaignDefinition, CampaignExecution
from communications import budgets, reputation
from communications.models import Budget, Dispatch

NOT_STARTED = "campaign_not_started"
BUDGET = "budget"
REPUTATION = "reputation"
TITLES = {
    "campaign.missed": "“{}” missed its time and was not sent",
    "campaign.not_started": "“{}” could not start",
}
BAD_SIGNS = {
    "complaints": "Too many people report your emails as spam",
    "bounces": "Too many of your emails bounce",
    "opt_outs": "Many people opt out of your texts",
}
LONGEST_MONTH = dt.timedelta(days=33)  # in any zone


def watch(*, now: dt.datetime | None = None) -> int:
    """Bring all alerts up to date; returns how many were opened."""
    now = now or timezone.now()
    rules: dict[str, Callable[[dt.datetime], Iterable[Alert]]] = {
        NOT_STARTED: _not_started,
        BUDGET: _budgets,
        REPUTATION: _reputations,
    }
    return sum(_bring_up_to_date(kind, rule(now), now=now) for kind, rule in rules.items())


@transaction.atomic
def _bring_up_to_date(kind: str, should_be_open: Iterable[Alert], *, now: dt.datetime) -> int:
    wanted = {alert.key: alert for alert in should_be_open}
    open_now = {
        alert.key: alert
        for alert in Alert.objects.select_for_update().filter(kind=kind, resolved_at=None)
    }
    over = [alert.pk for key, alert in open_now.items() if key not in wanted]
    Alert.objects.filter(pk__in=over).update(resolved_at=now, updated_at=now)
    opened = [alert for key, alert in wanted.items() if key not in open_now]
    # Two workers at once: the constraint lets one of them open it.
    Alert.objects.bulk_create(opened, ignore_conflicts=True)
    return len(opened)


def _not_started(now: dt.datetime) -> list[Alert]:
    return [
        Alert(
            shop=definition.shop,
            kind=NOT_STARTED,
            key=f"campaign:{definition.pk}",
            severity=Alert.Severity.CRITICAL,
            title=TITLES[entry.action].format(definition.name)[:200],
            body=_said(entry, "reason"),
            link=reverse("campaign", args=[definition.pk]),
        )
        for definition, entry in _missed(now)
    ]


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


def _said(entry: AuditEntry, name: str) -> str:
    """A word of the entry's detail, which an erasure may have emptied."""
    return (entry.detail.after or {}).get(name, "")


def _budgets(now: dt.datetime) -> list[Alert]:
    """One alert per budget that is used up to 80 %, another one when it is spent."""
    noted = Budget.objects.exclude(warned_at=None, exhausted_at=None).select_related("shop")
    months = noted.filter(month__gt=(now - LONGEST_MONTH).date())
    alerts = [
        _budget(budget, whose="This month's budget", link=reverse("budget"))
        for budget in months
        if budget.month == budgets.first_day(budget.shop, now)
    ]
    runs = CampaignExecution.objects.filter(
        ~Q(dispatch__state__in=Dispatch.OVER), dispatch__budget__in=noted.filter(month=None)
    ).select_related("definition", "shop", "dispatch__budget")
    for run in runs:
        budget, link = run.dispatch.budget, reverse("campaign-budget", args=[run.definition_id])
        budget.shop = run.shop
        alerts.append(_budget(budget, whose=f"The budget of “{run.definition.name}”", link=link))
    return alerts


def _budget(budget: Budget, *, whose: str, link: str) -> Alert:
    is_spent, currency = budget.exhausted_at is not None, budget.shop.currency
    used, limit = (
        budgets.in_words(micros, currency) for micros in (budget.used_micros, budget.limit_micros)
    )
    then = "Sending is paused; raising the limit resumes it." if is_spent else ""
    return Alert(
        shop=budget.shop,
        kind=BUDGET,
        key=f"budget:{budget.pk}:{100 if is_spent else budget.WARN_AT_PERCENT}",
        severity=Alert.Severity.CRITICAL if is_spent else Alert.Severity.WARNING,
        title=(f"{whose} is spent" if is_spent else f"80 % of {_small(whose)} is used")[:200],
        body=f"{used} of {limit} is used. {then}".strip(),
        link=link,
    )


def _reputations(now: dt.datetime) -> list[Alert]:
    """One alert per shop and sign; one that stops the sending takes the warning's place."""
    found = reputation.enforce(now=now)
    shops = Barbershop.objects.in_bulk({each.shop_id for each in found})
    return [_reputation(each, shops[each.shop_id]) for each in found]


def _reputation(standing: reputation.Standing, shop: Barbershop) -> Alert:
    rule, level = standing.rule, "stop" if standing.is_stop else "alert"
    then = "Marketing emails are paused; read why, then resume them." if standing.is_stop else ""
    return Alert(
        shop=shop,
        kind=REPUTATION,
        key=f"reputation:{rule.channel}:{rule.signs}:{level}",
        severity=Alert.Severity.CRITICAL if standing.is_stop else Alert.Severity.WARNING,
        title=BAD_SIGNS[rule.signs],
        body=f"{standing.in_words()} {then}".strip(),
        link=reverse("campaigns"),
    )


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
