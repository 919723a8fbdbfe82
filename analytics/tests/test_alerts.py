import datetime as dt

import pytest
from django.utils import timezone

from analytics import alerts, tasks
from analytics.models import Alert
from barbershop.tests.factories import ShopFactory
from campaigns import execution, planning
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import DefinitionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def missed():
    """A campaign that came three hours too late, and an alert that says so."""
    definition = DefinitionFactory(name="Autumn", status="scheduled", scheduled_for=NOW)
    CustomerFactory(shop=definition.shop)
    execution.start_due(now=NOW + 3 * HOUR)
    alerts.watch(now=NOW + 3 * HOUR)
    return CampaignDefinition.objects.get()


def still_open():
    return Alert.objects.filter(resolved_at=None).count()


def test_missed_campaign_is_alerted_once(missed):
    DefinitionFactory(shop=missed.shop, scheduled_for=NOW)  # a draft that nobody scheduled

    assert alerts.watch(now=NOW + 4 * HOUR) == 0

    alert = Alert.objects.get()
    assert (alert.shop, alert.key) == (missed.shop, f"campaign:{missed.pk}")
    assert alert.title == "“Autumn” missed its time and was not sent"
    assert alert.body == "Its time had passed 3 hours before it could start; nothing was sent."
    assert alert.link == f"/campaigns/{missed.pk}/"


def test_campaign_that_could_not_start_is_alerted_with_the_sentence():
    shop = ShopFactory()
    DefinitionFactory(shop=shop, name="Nobody", status="scheduled", scheduled_for=NOW)
    execution.start_due(now=NOW)

    assert tasks.watch() == 1

    alert = Alert.objects.get()
    assert (alert.shop, alert.title) == (shop, "“Nobody” could not start")
    assert alert.body.startswith("Nobody matches")


@pytest.mark.parametrize(
    "act",
    [
        execution.start,
        planning.delete,
        lambda missed: planning.schedule(missed, scheduled_for=NOW + 24 * HOUR),
        lambda missed: planning.edit(missed, fields={"scheduled_for": None}),
    ],
)
def test_alert_is_resolved_when_somebody_has_dealt_with_the_campaign(missed, act):
    act(missed)

    alerts.watch(now=NOW + 5 * HOUR)

    assert Alert.objects.get().resolved_at == NOW + 5 * HOUR


def test_alert_does_not_come_back_when_the_new_time_is_taken_back(missed):
    planning.schedule(missed, scheduled_for=NOW + 24 * HOUR)
    alerts.watch(now=NOW + 5 * HOUR)
    planning.edit(missed, fields={"status": "draft"})

    assert alerts.watch(now=NOW + 48 * HOUR) == 0
    assert still_open() == 0


def test_alert_stays_while_the_draft_is_only_rewritten(missed):
    planning.edit(missed, fields={"name": "Winter"})

    alerts.watch(now=NOW + 5 * HOUR)

    assert still_open() == 1
