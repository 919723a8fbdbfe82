"""Why one customer would get a campaign, or not: every rule with what was found."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import explained, explainer, rule_words
from barbershop import whole_numbers
from barbershop.pages import frame, shop_page, text
from campaigns.models import CampaignSegment
from campaigns.views import definition_of
from customers.channels import Channel
from customers.criteria import CriteriaError
from customers.models import Customer

SHOWN = 20  # people of a search


@shop_page
@require_safe
def why(request, pk):
    definition = definition_of(request, pk)
    now = timezone.now()
    query = text(request, "q")
    context = {"definition": definition, "query": query} | _search(request, query)
    if person := _person(request):
        context |= _explained(definition, person, now=now)
    title = f"Who gets {definition.name}, and why"
    context |= frame(title=title, section="campaigns", now=now)
    return render(request, "analytics/why.html", context)


def _search(request, query: str) -> dict:
    if not query:
        return {}
    found = Customer.objects.for_shop(request.shop).present().search(query)
    people = list(found.order_by("last_name", "first_name", "pk")[: SHOWN + 1])
    return {"people": people[:SHOWN], "more": len(people) > SHOWN}


def _person(request) -> Customer | None:
    """The customer that the query names; another shop's does not exist."""
    value = request.GET.get("customer", "")
    if not value:
        return None
    customers = Customer.objects.for_shop(request.shop).select_related("shop")
    return get_object_or_404(customers, pk=whole_numbers.read(value) or 0)


def _explained(definition, person: Customer, *, now) -> dict:
    try:
        found = explainer.explain(definition, person, now=now, words=rule_words.owners)
    except CriteriaError as error:
        return {"trouble": f"The criteria cannot be read: {error}"}
    zone = definition.shop.zone
    return {
        "person": person,
        "found": found,
        "conclusion": explained.conclusion(found, customer=person, zone=zone),
        "run_lines": [line for run in found.runs for line in explained.run_lines(run, zone=zone)],
        "criteria_rows": [*_criteria(found.criteria), *_segments(found.segments)],
        "channel_rows": [
            {
                "label": Channel(each.channel).label,
                "said": explained.channel_said(each, found, zone=zone),
                "rules": each.rules,
            }
            for each in found.channels
        ],
    }


def _criteria(found, *, of: str = "") -> list[dict]:
    return [
        {"asked": f"{of}{each.sentence}", "found": each.found, "passes": each.holds}
        for each in found
    ]


def _segments(found) -> list[dict]:
    rows = []
    for segment in found:
        is_included = segment.mode == CampaignSegment.Mode.INCLUDE
        rows.append(
            {
                "asked": f"{'in' if is_included else 'not in'} the segment “{segment.name}”",
                "found": "in it" if segment.is_in else "not in it",
                "passes": segment.is_in == is_included,
            }
        )
        rows += _criteria(segment.criteria, of=f"“{segment.name}”: ")
    return rows
