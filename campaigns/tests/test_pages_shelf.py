"""The shelf of templates: all to start from, page by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from barbershop.models import Membership
from barbershop.tests.factories import ShopFactory
from campaigns import template_versions
from campaigns.library import BLUEPRINTS
from campaigns.tests.spring_template import make

pytestmark = pytest.mark.django_db
Role = Membership.Role


def listed(answer) -> list[str]:
    return [point.blueprint.key for point, _ in answer.context["points"]]


def test_shelf_shows_own_ones_first_then_the_ready_ones(sign_in, shop):
    make(ShopFactory(), name="Theirs")
    make(shop, name="Mine")
    template_versions.archive(make(shop, name="Away"))
    client = sign_in(Role.READ_ONLY)

    answer = client.get("/templates/")

    assert listed(answer) == ["mine", *BLUEPRINTS]
    assert answer.context["archived"] == 1
    page = answer.content.decode()
    assert page.count('href="/templates/?source=away">Put away (1)</a>') == 1
    assert page.count("Enter your review link first") == 1
    assert page.count("Spring is here") == 1
    assert page.count("New template") == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"source": "shop"}, ["mine"]),
        ({"category": "vip"}, ["vip"]),
        ({"channel": "email", "source": "shop"}, []),
        ({"channel": "nonsense", "source": "shop"}, ["mine"]),
        ({"category": "promotional"}, []),
    ],
)
def test_shelf_is_filtered(sign_in, shop, query, found):
    make(shop, name="Mine", channels={"sms": {"message": "Hi"}})

    answer = sign_in().get("/templates/", query)

    assert listed(answer) == found
    assert answer.content.decode().count("No such template") == (not found)


def test_shelf_is_paged_own_ones_first(sign_in, shop):
    for number in range(20):
        make(shop, name=f"Mine {number:02}")
    template_versions.archive(make(shop, name="Away"))
    make(ShopFactory(), name="Theirs")
    client = sign_in()
    everything = [*(f"mine-{number:02}" for number in range(20)), *BLUEPRINTS]

    pages = [client.get("/templates/", {"page": page}) for page in (1, 2)]

    assert [listed(page) for page in pages] == [everything[:25], everything[25:]]
    assert pages[0].content.decode().count(f"1\u201325 of {len(everything)}") == 1
    filtered = client.get("/templates/", {"source": "shop", "channel": "sms"})
    assert listed(filtered) == everything[:20]
    assert listed(client.get("/templates/", {"source": "away"})) == ["away"]


def test_shelf_asks_for_no_more_than_the_page(sign_in, shop, django_assert_num_queries):
    client = sign_in()
    make(shop)
    with CaptureQueriesContext(connection) as one:
        client.get("/templates/")
    for number in range(30):
        make(shop, name=f"Mine {number}")

    with django_assert_num_queries(len(one)):
        client.get("/templates/", {"page": 2})
