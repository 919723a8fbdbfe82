"""Lists of this floor: as many queries for three rows as for one, and nobody else's rows."""

import pytest

from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from customers.models import CustomerTag, Tag
from customers.tests.consents import opt_in
from customers.tests.factories import (
    AppointmentFactory,
    CustomerFactory,
    PaymentFactory,
    SegmentFactory,
)

pytestmark = pytest.mark.django_db

PATHS = ["customers", "segments", "appointments", "payments", "consents"]


@pytest.fixture
def api(api):
    api.get("/api/customers/")  # the token's first use of the minute is written down
    return api


def one_of_each(shop):
    customer = CustomerFactory(shop=shop, preferred_barber=BarberFactory(shop=shop))
    tag, _ = Tag.objects.get_or_create(shop=shop, name="vip")
    CustomerTag.objects.create(shop=shop, customer=customer, tag=tag)
    appointment = AppointmentFactory(
        customer=customer, barber=BarberFactory(shop=shop), service=ServiceFactory(shop=shop)
    )
    PaymentFactory(customer=customer, appointment=appointment)
    SegmentFactory(shop=shop, criteria={"tags": ["vip"]})
    opt_in(customer, "sms")


@pytest.mark.parametrize("path", PATHS)
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(
    api, shop, path, django_assert_num_queries, django_assert_max_num_queries
):
    one_of_each(shop)
    with django_assert_max_num_queries(6) as one:
        assert api.get(f"/api/{path}/").json()["count"] == 1
    one_of_each(shop)
    one_of_each(shop)

    with django_assert_num_queries(len(one.captured_queries)):
        assert api.get(f"/api/{path}/").json()["count"] == 3


@pytest.mark.parametrize("path", PATHS)
def test_a_list_shows_no_row_of_another_shop(api, shop, path):
    one_of_each(ShopFactory())

    assert api.get(f"/api/{path}").json()["results"] == []
