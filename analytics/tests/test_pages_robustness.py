"""What holds for every page: odd queries, strangers, titles."""

import pytest
from django.urls import reverse

from analytics.tests.pages import results_of, run_of, url
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.OWNER).user)
    return client


def pages(run) -> list[str]:
    return [
        "/",
        "/running/",
        "/messages/",
        "/campaigns/",
        url("campaign", run),
        url("campaign-live", run),
        url("campaign-recipients", run),
        url("campaign-delivery", run),
        url("campaign-delivery-live", run),
        "/incidents/",
        "/customers/",
        reverse("customer", args=[CustomerFactory(shop=run.shop).pk]),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "page=abc&sort=x&state=&days=-1&outcome=%27",
        "page=99999999999999999999999&days=99999999999999999999",
        "page=-1&q=%00&reason=%00&tag=%00&type=%00&channel=%00&has=%00",
        "run=%00&call=%27",
        "run=99999999999999999999&call=-1",
        "run=999999999999999999&call=%D9%A3",
        "q=%FF%FE&outcome=%F0%9F%92%88&page=%D9%A3",
        "q=" + "x" * 5000,
    ],
)
def test_no_query_breaks_a_page(owner, shop, query):
    run = run_of(shop)
    results_of(run)

    for path in pages(run):
        assert owner.get(f"{path}?{query}").status_code in {200, 286}, path


def test_title_of_every_page_names_the_shop(owner, shop):
    run = run_of(shop)

    for path in pages(run):
        content = owner.get(path).content.decode()
        assert "<html" not in content or "· Corner Cuts</title>" in content, path


def test_stranger_is_asked_to_sign_in_on_every_page(client, shop):
    for path in pages(run_of(shop)):
        assert client.get(path).url == f"{reverse('login')}?next={path}"


@pytest.mark.parametrize("pk", [0, 10**30])
def test_impossible_id_is_not_found(owner, pk):
    assert owner.get(f"/campaigns/{pk}/").status_code == 404
    assert owner.get(f"/customers/{pk}/").status_code == 404
