"""One campaign: where it stands, what came of it, and who the people behind the numbers are."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import falls, panels, performance
from analytics import recipients as messages_of
from analytics.head import head_of
from analytics.views import list_of, wanted_of
from barbershop.pages import STOP_POLLING, frame, shop_page
from campaigns import preview, progress, text_costs, waterfall
from campaigns.models import CampaignSegment
from campaigns.outcomes import outcome_of
from campaigns.refusals import Refused
from campaigns.views import consequences_of, definition_of
from customers import criteria

FIRST_RECIPIENTS = 10


@shop_page
@require_safe
def campaign(request, pk):
    definition = definition_of(request, pk)
    now = timezone.now()
    run = progress.current_execution(definition)
    found = performance.of(definition, now=now)
    context = _live(request, definition, run, found, now)
    context |= {
        "who": _who(definition),
        "samples": _samples(definition, now=now),
        "forecast": None if run else _forecast(definition, now=now),
    }
    context |= frame(title=definition.name, section="campaigns", now=now)
    return render(request, "analytics/campaign.html", context)


@shop_page
@require_safe
def live(request, pk):
    """What moves on that page, to be put in place; 286 when the run is over."""
    definition = definition_of(request, pk)
    now = timezone.now()
    run = progress.current_execution(definition)
    found = performance.of(definition, now=now)
    context = _live(request, definition, run, found, now) | {"oob": True, "as_of": now}
    status = 200 if context["is_moving"] else STOP_POLLING
    return render(request, "analytics/_live.html", context, status=status)


@shop_page
@require_safe
def recipients(request, pk):
    """The people behind a number."""
    definition = definition_of(request, pk)
    wanted = wanted_of(request)
    rows = messages_of.of_campaign(definition, wanted)
    context = list_of(request, rows, wanted) | {"definition": definition}
    context |= frame(title=f"Recipients of {definition.name}", section="campaigns")
    return render(request, "analytics/recipients.html", context)


def _live(request, definition, run, found, now) -> dict:
    """Everything that a poll may change."""
    newest = messages_of.of_campaign(definition, messages_of.Wanted())[:FIRST_RECIPIENTS]
    shown = list(newest) if run else []
    for message in shown:
        message.outcome = outcome_of(message)
    counts = found.execution and found.execution.counts
    return head_of(definition, run, counts, rights=request.rights, now=now) | {
        "live_url": reverse("campaign-live", args=[definition.pk]),
        "delivery_url": run and reverse("campaign-delivery", args=[definition.pk]),
        "found": found,
        "steps": panels.steps(found),
        "figure": panels.over_time(found),
        "channel_rows": panels.channels(found),
        "reason_rows": panels.not_sent(found),
        "charts": _fact(definition, run, now=now),
        "rates": panels.rates(found),
        "attribution": panels.attribution(found),
        "newest": shown,
    }


def _who(definition) -> str:
    """The audience in plain English."""
    try:
        parsed = criteria.parse(definition.target_criteria)
        sentence = parsed.sentence(criteria.Names(definition.shop))
    except criteria.CriteriaError as error:
        return f"The criteria cannot be read: {error}"
    links = definition.campaign_segments.select_related("segment")
    names = {CampaignSegment.Mode.INCLUDE: [], CampaignSegment.Mode.EXCLUDE: []}
    for link in links:
        names[link.mode].append(f"“{link.segment.name}”")
    if names["include"]:
        sentence += f" Only in {' or '.join(names['include'])}."
    if names["exclude"]:
        sentence += f" Not in {' or '.join(names['exclude'])}."
    if definition.excludes_booked:
        sentence += " Nobody who has an appointment coming up."
    if days := definition.excludes_visited_days:
        sentence += f" Nobody who was here within {days} day{'s' if days > 1 else ''}."
    if definition.holdout_percent:
        sentence += f" {definition.holdout_percent} % are held out, to measure the effect."
    return sentence


def _samples(definition, *, now):
    try:
        return preview.samples(definition, now=now)
    except Refused as refused:
        return [refused]


def _forecast(definition, *, now) -> dict | None:
    """What sending now would do, for a campaign that has not been sent."""
    try:
        forecast = waterfall.forecast(definition, now=now)
    except (Refused, criteria.CriteriaError) as error:
        return {"trouble": str(error)}
    return {
        "consequences": consequences_of(forecast),
        "will_receive": forecast.will_receive,
        "charts": falls.charts(forecast, definition=definition),
        "texts": text_costs.shown(forecast.texts, currency=forecast.currency),
    }


def _fact(definition, run, *, now) -> tuple[falls.FallChart, ...]:
    if run is None:
        return ()
    found = falls.of(definition, now=now, execution=run).fact
    return falls.charts(found, definition=definition, execution=run)
