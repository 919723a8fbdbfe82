import pytest
from rest_framework import serializers

from barbershop.api.related import ExternalRef, ShopRelatedField, as_id, load_related
from barbershop.api.serializers import ShopSerializer
from barbershop.models import AuditDetail, Barber
from barbershop.tests.factories import BarberFactory, ShopFactory

pytestmark = pytest.mark.django_db


class CutSerializer(ShopSerializer):
    """As an appointment names its barber."""

    barber = ShopRelatedField(Barber)
    barber_external_id = ExternalRef(Barber)

    class Meta:
        model = AuditDetail
        fields = ["barber", "barber_external_id"]


@pytest.fixture
def barber():
    return BarberFactory(external_id="b1")


def read(shop, data: dict, loaded=None):
    view = type("View", (), {"shop": shop})
    context = {"view": view} | ({"loaded": loaded} if loaded is not None else {})
    serializer = CutSerializer(data=data, context=context)
    serializer.is_valid()
    return serializer.errors or serializer.validated_data


@pytest.mark.parametrize("how", ["id", "digits", "external_id", "both"])
def test_row_is_named_by_its_id_or_by_the_other_systems(barber, how):
    ways = {
        "id": {"barber": barber.pk},
        "digits": {"barber": str(barber.pk)},
        "external_id": {"barber_external_id": "b1"},
        "both": {"barber": barber.pk, "barber_external_id": "b1"},
    }

    assert read(barber.shop, ways[how]) == {"barber": barber}


def test_another_shops_row_does_not_exist(barber):
    intruder = ShopFactory()

    assert set(read(intruder, {"barber": barber.pk})) == {"barber"}
    assert set(read(intruder, {"barber_external_id": "b1"})) == {"barber_external_id"}


def test_neither_is_refused(barber):
    assert read(barber.shop, {}) == {"barber": ["Give barber or barber_external_id."]}


def test_two_different_rows_are_refused(barber):
    other = BarberFactory(shop=barber.shop)

    errors = read(barber.shop, {"barber": other.pk, "barber_external_id": "b1"})

    assert errors == {
        "barber_external_id": ["barber and barber_external_id are two different rows."]
    }


def test_each_of_two_ways_is_validated_by_its_own_name(barber):
    errors = read(barber.shop, {"barber": "x", "barber_external_id": True})

    assert set(errors) == {"barber", "barber_external_id"}


@pytest.mark.parametrize("value", [1.0, True, "²", "1.0", {}, [], "", -1, 10**30, "9" * 5000])
def test_what_is_no_id_finds_nothing(barber, value):
    assert set(read(barber.shop, {"barber": value})) == {"barber"}


@pytest.mark.parametrize(
    ("value", "expected"), [(7, 7), ("7", 7), (True, None), (7.0, None), ("²", None), (None, None)]
)
def test_id_is_a_whole_number_or_its_digits(value, expected):
    assert as_id(value) == expected


def test_bulk_calls_look_all_rows_up_at_once(barber, django_assert_num_queries):
    barbers = [barber, *(BarberFactory(shop=barber.shop) for _ in range(4))]
    items = [{"barber": b.pk} for b in barbers] + [{"barber_external_id": "b1"}, {"barber": "x"}, 3]
    serializer = CutSerializer(context={"view": type("View", (), {"shop": barber.shop})})

    with django_assert_num_queries(2):
        loaded = load_related(serializer, items, shop=barber.shop)
        found = [read(barber.shop, item, loaded) for item in items[:6]]

    assert [each["barber"] for each in found] == [*barbers, barber]


def test_field_shows_both_names(barber):
    cut = type("Cut", (), {"barber": barber, "barber_id": barber.pk})

    class Shown(serializers.Serializer):
        barber = ShopRelatedField(Barber)
        barber_external_id = ExternalRef(Barber)

    assert Shown(cut).data == {"barber": barber.pk, "barber_external_id": "b1"}
