"""The passport as a page: for the answer to "why did you text me?"."""

import datetime as dt
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from barbershop.pages import frame, shop_page, text
from barbershop.templatetags.ui import local_time
from campaigns import passport
from customers.models import Customer

REFUSED = "Only a manager or an owner may see it. It holds numbers, addresses and whole messages."


@shop_page
@require_safe
def passport_page(request, pk):
    """Everything about one customer; with ``?communication=`` also about one message to him."""
    if not passport.may_see(request.user, request.shop):
        raise PermissionDenied(REFUSED)
    customers = Customer.objects.for_shop(request.shop).select_related("shop")
    person = get_object_or_404(customers, pk=pk)
    uuid = _uuid(text(request, "communication"))
    try:
        found = passport.of(
            person, communication=uuid, by=request.user, request=request, now=timezone.now()
        )
    except passport.NotHis as error:
        raise Http404(str(error)) from error
    query = f"?communication={uuid}" if uuid else ""
    context = {
        "person": person,
        "found": found,
        "sections": _sections(found, zone=request.shop.timezone),
        "json_url": reverse("customer-passport-api", args=[pk]) + query,
    }
    title = f"Why we wrote to {person}" if uuid else f"Everything {person} permitted"
    return render(
        request, "campaigns/passport.html", frame(title=title, section="customers") | context
    )


def _uuid(raw: str) -> UUID | None:
    if not raw:
        return None
    try:
        return UUID(raw)
    except ValueError as error:
        raise Http404("This is no uuid of a message.") from error


def _sections(found: dict, *, zone: str) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """(heading, rows of (name, value)) for whatever is a list; the page repeats no field name."""
    message = found["message"] or {"calls": [], "events": []}
    lists = (
        ("What he said", found["consent"]["entries"]),
        ("Sign-ups", found["sign_ups"]),
        ("Addresses that must not be used", found["suppressions"]),
        ("What he answered", found["answers"]),
        ("Calls to the provider", message["calls"]),
        ("The provider's reports", message["events"]),
    )
    return [(heading, [_pairs(row, zone=zone) for row in rows]) for heading, rows in lists]


def _pairs(row: dict, *, zone: str) -> list[tuple[str, str]]:
    shown = []
    for name, value in row.items():
        if value in (None, "", {}) or name.endswith(("hash", "hmac")):
            continue  # fingerprints are for programs: they are in the JSON
        if isinstance(value, dict):
            shown += [(f"{name} {inner}", said) for inner, said in _pairs(value, zone=zone)]
        else:
            shown.append((name.replace("_", " "), _words(value, zone=zone)))
    return shown


def _words(value, *, zone: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return local_time(value, zone)
    return str(value)
