"""docs/criteria.md and ``GET /api/criteria/`` tell the words that the language knows."""

import json
import re

import pytest
from django.conf import settings

from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import ShopFactory
from customers import criteria
from customers.criteria import FACTS
from customers.tests.factories import SegmentFactory


def page() -> str:
    return (settings.BASE_DIR / "docs" / "criteria.md").read_text()


def test_page_names_every_criterion_and_no_other_with_its_own_example():
    rows = re.findall(
        r"^\| `(\w+)` \| `(.+?)` \|", page()[page().index("## Facts") :], re.MULTILINE
    )

    assert {name: json.loads(example) for name, example in rows} == {
        name: fact.example for name, fact in FACTS.items()
    }


def test_examples_of_the_page_are_understood():
    blocks = re.findall(r"```json\n(.+?)```", page(), re.DOTALL)

    assert [criteria.parse(json.loads(block)).sentence() for block in blocks] == [
        "Customers whose last visit was 30 to 90 days ago "
        "and who are in the middle third by spending.",
        "Customers who came at least 3 times and either who are tagged vip or who spent at least "
        "50,000 in minor units in the last 365 days, but not those who have a booking ahead.",
    ]


@pytest.mark.django_db
def test_endpoint_tells_every_fact_and_the_grammar(django_assert_max_num_queries):
    shop = ShopFactory(currency="USD")
    client = token_client(shop, scopes=["read"])
    client.get("/api/criteria/")  # the token's first use of the minute is written down

    with django_assert_max_num_queries(2):
        told = client.get("/api/criteria/").json()

    assert [fact["name"] for fact in told["facts"]] == list(FACTS)
    assert [word["name"] for word in told["grammar"]["operators"]] == ["all", "any", "not"]
    for fact in told["facts"]:
        assert set(fact) == {"name", "group", "description", "schema", "example", "sentence"}
        parsed = criteria.parse({fact["name"]: fact["example"]})
        assert fact["sentence"] == parsed.sentence(criteria.Names(shop, rows=False))
    said = {fact["name"]: fact["sentence"] for fact in told["facts"]}
    assert said["tags"] == "Customers who are tagged vip or beard."
    assert said["average_ticket"] == "Customers who pay at least $40.00 on average."
    assert client.get("/api/criteria").status_code == 200


@pytest.mark.django_db
def test_endpoint_is_for_members_and_tells_nothing_of_any_shop():
    ours, theirs = ShopFactory(), ShopFactory()
    SegmentFactory(shop=theirs, name="Secret regulars")
    shown = [client(ours).get("/api/criteria/") for client in (token_client, person_client)]

    assert [answer.status_code for answer in shown] == [200, 200]
    assert shown[0].content == token_client(theirs).get("/api/criteria/").content
    assert b"Secret regulars" not in shown[0].content
    assert token_client(ours, scopes=["write"]).get("/api/criteria/").status_code == 403
    assert type(token_client(ours))().get("/api/criteria/").status_code == 401
