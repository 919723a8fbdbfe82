"""What a person must see: open incidents first, what each means, and what to do about it."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render

from barbershop import whole_numbers
from barbershop.api.permissions import WRITE
from barbershop.pages import frame, page_of, shop_page
from campaigns.models import CampaignExecution
from campaigns.views import get_or_post
from communications import incidents
from communications.models import Incident


@shop_page
@get_or_post
def listing(request):
    found = with_campaign(Incident.objects.for_shop(request.shop))
    found = found.order_by(F("resolved_at").desc(nulls_first=True), "-pk")
    page = page_of(request, found)
    page.object_list = explained(page.object_list)
    context = {"page_obj": page, "open_count": incidents.open_ones(request.shop).count()}
    context |= frame(title="Incidents", section="incidents")
    return render(request, "campaigns/incidents.html", context)


@shop_page(needs=WRITE)
@get_or_post
def settle(request, pk):
    """Say that it is dealt with. A GET, as after signing in, shows the list."""
    incident = get_object_or_404(Incident.objects.for_shop(request.shop), pk=pk)
    if request.method == "POST":
        if incidents.settle(incident, by=request.user):
            messages.success(request, "Settled. It stays in the list of incidents.")
        else:
            messages.info(request, "Somebody has settled it already.")
    campaign = whole_numbers.read(request.POST.get("campaign", ""))
    if campaign is not None:
        return redirect("campaign-delivery", pk=campaign)
    return redirect("incidents")


def with_campaign(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Annotate ``campaign_id`` and ``campaign_name``: whose run it is about, if any."""
    run = CampaignExecution.objects.filter(dispatch=OuterRef("about"))
    return (
        found.select_related("communication__customer", "resolved_by")
        .annotate(about=Coalesce("dispatch", "attempt__dispatch", "communication__dispatch"))
        .annotate(
            campaign_id=Subquery(run.values("definition")[:1]),
            campaign_name=Subquery(run.values("definition__name")[:1]),
        )
    )


def explained(found: Iterable[Incident]) -> list[Incident]:
    """Give each its ``guide``."""
    rows = list(found)
    for incident in rows:
        incident.guide = incidents.guide(incident)
    return rows
