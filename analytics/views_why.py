"""Why one customer would get a campaign, or not: every rule with what was found."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import explained, explainer, rule_words
from barbershop import whole_numbers
from barbershop.pages import frame, shop_page, text
from campaigns.views import definition_of
from customers.channels import Channel
from customers.criteria import CriteriaError
from customers.models import Customer

SHOWN = 20  # people of a search
DEEPER = "\N{EN DASH} "


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
        "criteria_rows": list(map(_line, found.asked)),
        "channel_rows": [
            {
                "label": Channel(each.channel).label,
                "said": explained.channel_said(each, found, zone=zone),
                "rules": each.rules,
            }
            for each in found.channels
        ],
    }


def _line(each) -> dict:
    """A line of the audience; what belongs to a group or a segment stands behind a dash."""
    return {
        "asked": f"{DEEPER * each.depth}{each.sentence}",
        "found": each.found,
        "passes": each.passes,
        "decides": each.decides,
    }
