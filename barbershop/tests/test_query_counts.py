import pytest

from barbershop.models import Barber
from barbershop.tests import rows
from barbershop.tests.api import token_client
from barbershop.tests.factories import BarberFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from barbershop.tests.routes import list_routes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("route", list_routes(), ids=str)
def test_list_asks_the_database_as_often_for_three_rows_as_for_one(route):
    shop = ShopFactory()
    client = token_client(shop)

    def results():
        return client.get(route.path()).json()["results"]

    assert_same_queries(client, route.path(), make=lambda: rows.make(route.model, shop=shop))
    assert len(results()) == 3


def test_the_check_notices_a_query_per_row():
    shop = ShopFactory()

    class Careless:
        """Answers like a client, and asks once per barber."""

        def get(self, path):
            for barber in Barber.objects.for_shop(shop):
                barber.refresh_from_db()
            return type("Answer", (), {"status_code": 200})

    with pytest.raises(AssertionError, match="2 queries with 1, 4 with 3"):
        assert_same_queries(Careless(), "/", make=lambda: BarberFactory(shop=shop))
