import pytest

from barbershop.any_of import AnyOf
from barbershop.models import Barber
from barbershop.tests.factories import BarberFactory

pytestmark = pytest.mark.django_db


def found(path, values):
    return list(Barber.objects.filter(AnyOf(path, values)).order_by("pk"))


def test_ids_find_their_rows_and_no_other():
    first, second, _ = BarberFactory.create_batch(3)

    assert found("pk", [second.pk, first.pk, 10**12]) == [first, second]


def test_texts_find_their_rows_and_no_other():
    tony, quoted, _ = (BarberFactory(first_name=name) for name in ("Tony", 'O\'{"a",\\', "tony"))

    assert found("first_name", ["Tony", 'O\'{"a",\\', ""]) == [tony, quoted]


def test_foreign_key_is_compared_with_ids():
    barber, _ = BarberFactory.create_batch(2)

    assert found("shop", [barber.shop_id]) == [barber]


@pytest.mark.parametrize("path", ["pk", "first_name", "shop"])
def test_empty_list_finds_nobody(path):
    BarberFactory()

    assert found(path, []) == []


def test_text_longer_than_the_column_finds_nobody():
    BarberFactory(first_name="A" * 80)

    assert found("first_name", ["A" * 81]) == []


def test_thousands_of_ids_are_one_parameter():
    barber = BarberFactory()
    query = Barber.objects.filter(AnyOf("pk", list(range(barber.pk, barber.pk + 50_000))))

    _, parameters = query.query.sql_with_params()

    assert len(parameters) == 1
    assert list(query) == [barber]
