"""Home, the list of campaigns, and the messages behind a number of the whole shop."""

from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import home as cards
from analytics import listing, overview
from analytics import recipients as messages_of
from barbershop import whole_numbers
from barbershop.pages import STOP_POLLING, choice, frame, page_of, shop_page, text
from campaigns.models import CampaignDefinition
from campaigns.outcomes import outcome_of
from communications import inbound, incidents
from customers.channels import Channel

SHORT_LIST = 5
TYPES = dict(CampaignDefinition.Type.choices)


@shop_page
@require_safe
def home(request):
    now = timezone.now()
    days = choice(request, "days", cards.PERIODS, default="30")
    found = overview.of(request.shop, days=int(days), now=now)
    campaigns = listing.campaigns(request.shop).order_by("-updated_at", "-pk")
    tasks = cards.checklist(request.shop, is_staff=request.user.is_staff)
    context = {
        "kpis": cards.kpis(found, cost=cards.cost_of(request.shop, found), days=days),
        "periods": [_period(each, days) for each in cards.PERIODS],
        "running": _running(request),
        "drafts": campaigns.filter(tab="draft")[:SHORT_LIST],
        "recent": listing.attach(campaigns.filter(tab="done")[:SHORT_LIST], rights=request.rights),
        "tasks": tasks,
        "is_set_up": all(task.is_done for task in tasks),
        "greeting": _greeting(request, now),
        "may_send": "send" in request.rights,
        "waiting_replies": inbound.waiting(request.shop).count(),
        "open_incidents": incidents.open_ones(request.shop).count(),
    }
    return render(
        request,
        "analytics/home.html",
        frame(title="Home", section="home", now=now) | context,
    )


@shop_page
@require_safe
def running(request):
    """The part of the home page that moves."""
    found = _running(request)
    status = 200 if any(map(listing.is_in_motion, found)) else STOP_POLLING
    context = {"running": found, "is_live": status == 200}
    return render(request, "analytics/_running.html", context, status=status)


@shop_page
@require_safe
def campaigns(request):
    query = text(request, "q")
    tab = choice(request, "state", listing.TABS, default="all")
    kind = choice(request, "type", TYPES)
    sort = choice(request, "sort", listing.SORTS, default="newest")
    found = listing.campaigns(request.shop)
    if query:
        found = found.filter(name__icontains=query)
    if kind:
        found = found.filter(campaign_type=kind)
    counts = listing.counts_by_tab(found)
    if tab != "all":
        found = found.filter(tab=tab)
    page = page_of(request, found.order_by(*listing.SORTS[sort][1]))
    page.object_list = listing.attach(page.object_list, rights=request.rights)
    is_live = any(map(listing.is_in_motion, page.object_list))
    context = {
        "page_obj": page,
        "tabs": _tabs(counts, tab, {"q": query, "type": kind, "sort": sort}),
        "query": query,
        "tab": tab,
        "kind": kind,
        "types": TYPES,
        "sort": sort,
        "sorts": {name: label for name, (label, _) in listing.SORTS.items()},
        "is_live": is_live,
        "has_filter": bool(query or kind or tab != "all"),
    }
    context |= frame(title="Campaigns", section="campaigns")
    if request.htmx:
        status = 200 if is_live else STOP_POLLING
        return render(request, "analytics/_campaign_rows.html", context, status=status)
    return render(request, "analytics/campaigns.html", context)


@shop_page
@require_safe
def messages(request):
    """The rows behind the numbers of the home page."""
    days = choice(request, "days", cards.PERIODS, default="30")
    wanted = wanted_of(request)
    found = overview.of(request.shop, days=int(days))
    period = messages_of.Period(found.since, found.until)
    rows = messages_of.of_shop(request.shop, wanted, period)
    title = f"Messages of the last {days} days"
    context = list_of(request, rows, wanted) | {"days": days, "periods": cards.PERIODS}
    context |= frame(title=title, section="home")
    return render(request, "analytics/messages.html", context)


def wanted_of(request) -> messages_of.Wanted:
    """The filter that the query asks for."""
    return messages_of.Wanted(
        outcome=choice(request, "outcome", messages_of.OUTCOMES),
        channel=choice(request, "channel", Channel.values),
        reason=text(request, "reason"),
        run=_number(request, "run"),
        call=_number(request, "call"),
    )


def _number(request, name: str) -> str:
    """Digits of an id that a database can compare with; nothing else."""
    value = request.GET.get(name, "")
    return "" if whole_numbers.read(value) is None else value


def list_of(request, rows, wanted: messages_of.Wanted) -> dict:
    """One page of messages with its filter, for ``_recipients.html``."""
    page = page_of(request, rows)
    for message in page:
        message.outcome = outcome_of(message)
    return {
        "page_obj": page,
        "people": messages_of.people_in(rows),
        "wanted": wanted,
        "outcomes": {name: label for name, (label, _) in messages_of.OUTCOMES.items()},
        "channels": Channel.choices,
    }


def _running(request):
    found = listing.campaigns(request.shop).filter(run_state__in=["preparing", "running", "paused"])
    return listing.attach(found.order_by("-pk"), rights=request.rights)


def _period(days: str, chosen: str) -> dict:
    return {
        "label": f"{days} days",
        "href": f"{reverse('home')}?days={days}",
        "current": days == chosen,
    }


def _tabs(counts: dict[str, int], chosen: str, kept: dict[str, str]) -> list[dict]:
    tabs = []
    for name, label in listing.TABS.items():
        if name == "automated" and not counts[name] and chosen != name:
            continue
        query = QueryDict(mutable=True)
        query.update({key: value for key, value in {"state": name, **kept}.items() if value})
        tabs.append(
            {
                "label": label,
                "href": f"?{query.urlencode()}",
                "count": counts[name],
                "current": name == chosen,
            }
        )
    return tabs


def _greeting(request, now) -> str:
    hour = now.astimezone(request.shop.zone).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    name = request.user.first_name
    return f"Good {part}, {name}" if name else f"Good {part}"
