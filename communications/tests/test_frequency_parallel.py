"""Gates that look at the same moment must not all see the same room for one more message."""

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications.delivery import claim, gate
from communications.models import CustomerCommunication
from communications.tests.crowd import crowd
from communications.tests.factories import DispatchFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
AT_ONCE = 20  # emails of one call


@pytest.fixture
def campaigns(tmp_path):
    """Three, to the same people, of two shops of one organisation that permit one a day."""
    with database_in_a_file(tmp_path):
        first = ShopFactory(cap_messages=1, cap_period_days=1)
        second = ShopFactory(organization=first.organization, cap_messages=1, cap_period_days=1)
        yield [DispatchFactory(shop=shop, starts_at=NOW) for shop in (first, second, first)]


def scale() -> tuple[int, int]:
    """Workers and people. SQLite has one writer at a time: more would only wait longer."""
    return (8, 1000) if connection.vendor == "postgresql" else (3, 100)


def test_one_a_day_is_one_however_many_campaigns_and_workers_there_are(campaigns):
    workers, number = scale()
    addresses = [f"sam{n}@example.test" for n in range(number)]
    for campaign in campaigns:
        crowd(campaign, addresses)

    def work(worker: int) -> None:
        mine = campaigns[worker % 3 :] + campaigns[: worker % 3]
        while any(
            gate.begin(attempts, now=NOW) or attempts
            for campaign in mine
            if (attempts := claim.claim(dispatch=campaign, channel="email", now=NOW, limit=AT_ONCE))
        ):
            pass

    at_once(workers, work)

    rows = CustomerCommunication.objects.with_state().values("address_hmac")
    found = rows.annotate(
        begun=Count("pk", filter=Q(state="sending")),
        refused=Count("pk", filter=Q(state="blocked", reason="frequency_cap")),
    )
    assert len(found) == number
    assert {(row["begun"], row["refused"]) for row in found} == {(1, 2)}
