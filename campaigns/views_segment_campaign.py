"""A campaign for a segment without the admin: a draft with the words of a template."""

from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import planning, shelf, template_versions
from campaigns.forms_segments import SegmentCampaignForm
from campaigns.models import CampaignDefinition
from campaigns.views import get_or_post
from campaigns.views_segments import SECTION, segment_of
from customers.models import CustomerSegment


@shop_page(needs=WRITE)
@get_or_post
def start(request, pk):
    """Asks for the template; the draft is for the segment alone, whoever the template is for."""
    segment = segment_of(request, pk)
    readable = [point for point in shelf.everything(request.shop) if not point.unreadable]
    points = {point.blueprint.key: point for point in readable}
    form = SegmentCampaignForm(request.POST or None, points=points, segment=segment)
    if request.method == "POST" and form.is_valid():
        made = _draft(segment, points[form.cleaned_data["template"]], form, by=request.user)
        messages.success(request, f"“{made.name}” is a draft. Nothing has been sent.")
        return redirect("campaign", pk=made.pk)
    question = f"Make a campaign for “{segment.name}”?"
    context = {
        "question": question,
        "text": "You get a draft with the words and the discount of a template, for the customers "
        "in this segment when it is sent. Nothing is sent now.",
        "form": form,
        "confirm_label": "Make the draft",
        "cancel_url": reverse("segment", args=[pk]),
    }
    context |= frame(title=question, section=SECTION)
    status = 400 if request.method == "POST" else 200
    return render(request, "components/confirm.html", context, status=status)


@transaction.atomic
def _draft(segment: CustomerSegment, point, form, *, by) -> CampaignDefinition:
    """From the first message of the template, without its own rules."""
    said = template_versions.of_blueprint(point.blueprint)
    made = template_versions.start_from(
        replace(said, target_criteria={}),
        shop=segment.shop,
        name=form.cleaned_data["name"],
        category=point.blueprint.category,
        by=by,
    )
    return planning.edit(made, fields={"segments": [segment]}, by=by)
