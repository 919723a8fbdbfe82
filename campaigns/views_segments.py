"""Saved segments: the lists, one segment, and taking a ready one."""

import datetime as dt
from collections import defaultdict

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from barbershop.api.permissions import WRITE
from barbershop.charts import sparkline
from barbershop.pages import frame, page_of, shop_page
from campaigns import segment_panels
from campaigns.views import get_or_post
from customers import criteria
from customers.models import CustomerSegment, SegmentSize
from customers.segments import ready, saving, uses, watching

SECTION = "segments"
TREND = dt.timedelta(days=31)


@shop_page
@require_safe
def listing(request):
    """The shop's own segments with their size at the last look, and how it moved."""
    page = page_of(request, CustomerSegment.objects.for_shop(request.shop).order_by("name", "pk"))
    page.object_list = _with_sizes(list(page.object_list))
    context = {
        "page_obj": page,
        "tabs": _tabs("own", own=page.paginator.count),
        "may_write": WRITE in request.rights,
    }
    context |= frame(title="Segments", section=SECTION)
    return render(request, "campaigns/segments.html", context)


@shop_page
@require_safe
def shelf(request):
    """Ready segments with how many are in each now."""
    now = timezone.now()
    on_shelf, taken = ready.of(request.shop), ready.taken(request.shop)
    counts = segment_panels.count_ready(on_shelf, shop=request.shop, now=now)
    rows, names = [], criteria.Names(request.shop)
    for each, count in zip(on_shelf, counts, strict=True):
        sentence = criteria.parse(each.criteria).sentence(names)
        rows.append((each, sentence, count, taken.get(each.key)))
    own = CustomerSegment.objects.for_shop(request.shop).count()
    context = {
        "rows": rows,
        "tabs": _tabs("ready", own=own),
        "may_write": WRITE in request.rights,
    }
    context |= frame(title="Ready segments", section=SECTION, now=now)
    return render(request, "campaigns/segments_ready.html", context)


@shop_page(needs=WRITE)
@require_POST
def take(request, key):
    """Save a copy of a ready segment; the second press leads to the same copy."""
    wanted = ready.find(request.shop, key)
    if wanted is None:
        raise Http404
    segment, is_new = ready.take(wanted, shop=request.shop, by=request.user)
    said = "is yours now" if is_new else "was yours already"
    messages.success(request, f"“{segment.name}” {said}.")
    return redirect("segment", pk=segment.pk)


@shop_page
@require_safe
def detail(request, pk):
    """One segment: who is in it, who nearly is, how it changed, and who uses it."""
    segment = segment_of(request, pk)
    now = timezone.now()
    context = {
        "segment": segment,
        "used_by": uses.of(segment),
        "may_write": WRITE in request.rights,
        "campaign_url": _campaign_url(request, segment),
    }
    context |= segment_panels.who(segment.criteria, shop=request.shop, now=now)
    context |= segment_panels.history(segment)
    context |= frame(title=segment.name, section=SECTION, now=now)
    return render(request, "campaigns/segment.html", context)


@shop_page(needs=WRITE)
@get_or_post
def delete(request, pk):
    """Asks first, and says who would miss it."""
    segment = segment_of(request, pk)
    blockers, status = [], 200
    if found := uses.of(segment):
        blockers = [str(uses.SegmentInUse(segment, found))]
    if request.method == "POST":
        try:
            saving.delete(segment, by=request.user)
            messages.success(request, f"“{segment.name}” has been deleted.")
            return redirect("segments")
        except uses.SegmentInUse as refused:
            blockers, status = [str(refused)], 409
    question = f"Delete “{segment.name}”?"
    context = {
        "question": question,
        "text": "The customers stay. Its history, who entered and who left, is gone for good.",
        "danger": True,
        "confirm_label": "Delete the segment",
        "cancel_url": reverse("segment", args=[pk]),
        "blockers": blockers,
    }
    context |= frame(title=question, section=SECTION)
    return render(request, "components/confirm.html", context, status=status)


def segment_of(request, pk: int) -> CustomerSegment:
    """The segment of this shop; another shop's does not exist."""
    rows = CustomerSegment.objects.for_shop(request.shop).select_related("shop", "created_by")
    return get_object_or_404(rows, pk=pk)


def _with_sizes(segments: list[CustomerSegment]) -> list[CustomerSegment]:
    """Give each segment ``size``, ``change`` and ``spark``.

    Before the first look there is no size, and none while the last look was at another rule.
    """
    sizes = defaultdict(list)
    rows = SegmentSize.objects.filter(segment__in=segments, counted_at__gte=timezone.now() - TREND)
    for row in rows.order_by("counted_at"):
        sizes[row.segment_id].append(row.size)
    for segment in segments:
        known = sizes[segment.pk]
        is_known = known and not watching.is_behind(segment)
        segment.size = known[-1] if is_known else None
        segment.change = known[-1] - known[0] if is_known and len(known) > 1 else None
        segment.spark = sparkline(known)
    return segments


def _tabs(current: str, *, own: int) -> list[dict]:
    return [
        {"label": "Yours", "href": reverse("segments"), "count": own, "current": current == "own"},
        {"label": "Ready ones", "href": reverse("segments-ready"), "current": current == "ready"},
    ]


def _campaign_url(request, segment: CustomerSegment) -> str:
    """Where a campaign for the segment is written: the admin for staff, else from a template."""
    if WRITE not in request.rights:
        return ""
    if request.user.is_staff:
        add = reverse("admin:campaigns_campaigndefinition_add")
        return f"{add}?{urlencode({'segment': segment.pk})}"
    return reverse("segment-campaign", args=[segment.pk])
