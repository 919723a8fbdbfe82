"""Rows for the tests of the pages."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from analytics.tests.factories import booking, delivered, message
from campaigns.tests.factories import ExecutionFactory

NOW = timezone.now().replace(microsecond=0)
HTMX = {"HX-Request": "true"}


def run_of(shop, *, state="done", name="Summer", **dispatch):
    fields = {f"dispatch__{key}": value for key, value in dispatch.items()}
    return ExecutionFactory(
        definition__shop=shop,
        definition__status="active",
        definition__name=name,
        dispatch__state=state,
        **fields,
    )


def results_of(run):
    """Two delivered, one of them clicked and booked; one blocked; one waits."""
    at = NOW - dt.timedelta(hours=2)
    first = delivered(run, at=at, opened_at=at, clicked_at=at)
    delivered(run, at=at)
    message(run, send_state="blocked", reason="no_consent")
    message(run)
    booking(run, first, at=NOW - dt.timedelta(hours=1), revenue=4200)
    return first


def url(name, run, query="") -> str:
    return reverse(name, args=[run.definition_id]) + query
