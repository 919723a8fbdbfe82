"""How many test messages a shop may send a day."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection, connections
from django.urls import reverse

from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import trial
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory
from communications.models import CustomerCommunication, Suppression
from communications.tests.factories import CommunicationFactory
from customers.addresses import address_hmac

pytestmark = pytest.mark.django_db

# 23:30 of 20 November where the shop is.
LATE = dt.datetime(2026, 11, 21, 4, 30, tzinfo=dt.UTC)
SAID = (
    "A shop may send 3 test messages a day; 2 were sent today, and 2 more were asked for. Send to "
    "1 at most, or wait until November 21, 00:00 (America/New_York)."
)


@pytest.fixture(autouse=True)
def _three_a_day(settings):
    settings.SHOP_TEST_MESSAGES_PER_DAY = 3


@pytest.fixture
def definition():
    return DefinitionFactory(shop=ShopFactory())


def addresses(number, *, start=0):
    return [f"tester{start + n}@example.test" for n in range(number)]


def send(definition, number, *, start=0):
    return trial.send(definition, emails=addresses(number, start=start), phones=[])


@time_machine.travel(LATE, tick=False)
def test_one_too_many_is_refused_and_says_when_it_is_possible_again(definition):
    send(definition, 2)

    with pytest.raises(Refused) as refused:
        send(definition, 2, start=2)

    assert (refused.value.code, refused.value.conflict) == ("test_limit", True)
    assert refused.value.message == SAID
    assert CustomerCommunication.objects.count() == 2
    send(definition, 1, start=2)
    with pytest.raises(Refused, match="Wait until November 21, 00:00"):
        send(definition, 1, start=3)


def test_the_day_ends_at_midnight_where_the_shop_is(definition):
    with time_machine.travel(LATE, tick=False):
        send(definition, 3)
    with time_machine.travel(LATE + dt.timedelta(minutes=31), tick=False):
        send(definition, 3)

        with pytest.raises(Refused):
            send(definition, 1, start=4)


def test_only_test_messages_of_this_shop_that_were_not_blocked_count(definition):
    shop = definition.shop
    CommunicationFactory.create_batch(4, shop=shop, dispatch__shop=shop)
    send(DefinitionFactory(), 3)
    for each in addresses(3):
        Suppression.objects.create(
            shop=shop, channel="email", address_hmac=address_hmac(each), cause="manual"
        )

    blocked = send(definition, 3)
    queued = send(definition, 3, start=3)

    assert [each.status for each in blocked + queued] == ["blocked"] * 3 + ["queued"] * 3


def test_address_given_twice_counts_once(definition):
    trial.send(definition, emails=[*addresses(3), *addresses(3)], phones=[])

    assert CustomerCommunication.objects.count() == 3


@time_machine.travel(LATE, tick=False)
def test_api_and_page_say_the_same(definition, client):
    send(definition, 2)
    two = addresses(2, start=2)
    client.force_login(MembershipFactory(shop=definition.shop).user)

    answer = token_client(definition.shop).post(
        "/api/campaigns/test", {"campaign_id": definition.pk, "emails": two}
    )
    page = client.post(
        reverse("campaign-preview-test", args=[definition.pk]), {"emails": " ".join(two)}
    )

    assert answer.status_code == 409
    assert answer.json()["error"] == {"code": "test_limit", "message": SAID, "fields": {}}
    assert page.status_code == 400
    assert SAID in page.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time anyway")
def test_of_two_tests_at_once_the_second_counts_the_first(definition):
    def attempt(start):
        try:
            send(definition, 2, start=start)
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "sent"

    with ThreadPoolExecutor(2) as threads:
        found = sorted(threads.map(attempt, (0, 2)))

    assert found == ["sent", "test_limit"]
    assert CustomerCommunication.objects.count() == 2
