"""A mail scanner's clicks, taken back, leave nothing behind in what a campaign is credited with."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from campaigns import attribution, engagement, tasks
from campaigns.models import CampaignResponse
from campaigns.tests.test_attribution import NOW, booked, messaged
from communications import links
from communications.models import CustomerCommunication, TrackedLink
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0"


def paths(response) -> list[str]:
    message = CustomerCommunication.objects.get(dispatch=response.execution.dispatch_id)
    made = [
        TrackedLink.objects.create(
            shop=message.shop, content=message.content, target=f"https://{n}.test/", position=n
        )
        for n in range(2)
    ]
    return [f"/c/{links.click_token(message.uuid, link.pk)}/" for link in made]


def fetch(path: str, *, at: dt.datetime) -> None:
    with time_machine.travel(at, tick=False):
        Client(headers={"User-Agent": BROWSER}).get(path)


def credited() -> list[CampaignResponse]:
    attribution.credit(now=NOW)
    return list(CampaignResponse.objects.exclude(appointment=None))


def clicked(response) -> dt.datetime | None:
    rows = CampaignResponse.objects.filter(pk=response.pk).select_related("execution")
    (found,) = engagement.attach(rows)
    return found.engagement["clicked_at"]


def test_credit_of_a_click_goes_with_it_when_it_was_a_scanners(
    monkeypatch, django_capture_on_commit_callbacks
):
    hints = []
    monkeypatch.setattr(tasks.credit_customers, "delay", lambda *args: hints.append(args))
    customer = CustomerFactory()
    older, newer = messaged(customer, days_ago=3), messaged(customer, days_ago=1)
    first, second = paths(older)
    at = NOW - dt.timedelta(hours=2)
    booked(customer)

    fetch(first, at=at)
    assert (credited(), clicked(older)) == ([older], at)
    with django_capture_on_commit_callbacks(execute=True):
        fetch(second, at=at + dt.timedelta(seconds=1))

    assert hints == [(customer.shop_id, [customer.pk])]
    assert (credited(), clicked(older)) == ([newer], None)
