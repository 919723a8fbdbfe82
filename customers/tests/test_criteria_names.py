"""Sentences call a shop's own rows by their names, and nobody else's."""

import pytest

from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from customers import criteria
from customers.criteria import Names
from customers.models import Tag
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
VIP, MANY = {"tags": "vip"}, {"visit_count": {"min": 3}}


def tony_and_company(shop) -> dict[str, int]:
    """Ids of rows that criteria may name."""
    return {
        "barber": BarberFactory(shop=shop, external_id="b1", first_name="Tony", last_name="Ray").pk,
        "service": ServiceFactory(shop=shop, external_id="s1", name="Beard trim").pk,
        "segment": SegmentFactory(shop=shop, name="Lapsed regulars").pk,
    }


def said(raw, shop) -> str:
    sentence = criteria.parse(raw).sentence(Names(shop))
    return sentence.removeprefix("Customers ").removesuffix(".")


def test_rows_of_the_shop_are_said_by_their_names():
    shop = ShopFactory()
    ids = tony_and_company(shop)
    barber, service = ids["barber"], ids["service"]

    assert said({"preferred_barber": barber}, shop) == "who prefer barber Tony Ray"
    assert said({"preferred_barber": ["b1"]}, shop) == "who prefer barber Tony Ray"
    assert said({"in_segment": ids["segment"]}, shop) == 'who are in segment "Lapsed regulars"'
    for fact, verb in (
        ("visit_count", "came"),
        ("no_show_count", "stayed away from a booking"),
        ("cancellation_count", "called a booking off"),
    ):
        for refs in ({"barber": barber, "service": service}, {"barber": "b1", "service": "s1"}):
            assert said({fact: {"min": 2, **refs}}, shop) == (
                f"who {verb} at least 2 times for service Beard trim with barber Tony Ray"
            )


def test_names_reach_every_place_of_the_tree():
    shop = ShopFactory()
    ids = tony_and_company(shop)
    Tag.objects.create(shop=shop, name="vip")
    fan, inside = {"preferred_barber": ids["barber"]}, {"in_segment": ids["segment"]}
    likes, is_in = "who prefer barber Tony Ray", 'who are in segment "Lapsed regulars"'

    assert said({"any": [fan, inside]}, shop) == f"either {likes} or {is_in}"
    assert said({**VIP, "not": fan}, shop) == f"who are tagged vip, but not those {likes}"
    assert said({"any": [{**fan, **inside}, {"not": inside}]}, shop) == (
        f"either ({likes} and {is_in}) or who are not among those {is_in}"
    )
    assert said({**VIP, "all": [{"not": fan}, {"not": {**VIP, **inside}}]}, shop) == (
        f"who are tagged vip, but neither those {likes} nor those (who are tagged vip and {is_in})"
    )


def test_unknown_and_deleted_rows_and_those_of_another_shop_are_said_to_be_gone():
    shop, other = ShopFactory(), ShopFactory()
    theirs = tony_and_company(other)
    gone = BarberFactory(shop=shop, first_name="Gone")
    gone_pk = gone.pk
    gone.delete()
    BarberFactory(shop=shop, first_name="Ana", is_active=False, external_id="ana")

    assert said({"preferred_barber": ["ana", gone_pk, "nobody"]}, shop) == (
        f"who prefer barber Ana, {gone_pk} (gone) or nobody (gone)"
    )
    assert said({"in_segment": theirs["segment"]}, shop) == (
        f"who are in segment {theirs['segment']} (gone)"
    )
    refs = {"barber": [theirs["barber"], "b1"], "service": [theirs["service"], "s1"]}
    assert said({"visit_count": {"max": 0, **refs}}, shop) == (
        f"who never came for service {theirs['service']} (gone) or s1 (gone) "
        f"with barber {theirs['barber']} (gone) or b1 (gone)"
    )
    assert "Tony Ray" in said({"visit_count": {"max": 0, **refs}}, other)


def test_an_id_written_as_text_is_no_id():
    shop = ShopFactory()
    barber = BarberFactory(shop=shop, first_name="Ana")

    assert said({"preferred_barber": str(barber.pk)}, shop) == (
        f"who prefer barber {barber.pk} (gone)"
    )


def test_namesakes_are_told_apart_by_their_ids():
    shop = ShopFactory()
    first, second = BarberFactory(shop=shop), BarberFactory(shop=shop)
    BarberFactory()  # a namesake elsewhere

    assert said({"preferred_barber": [first.pk, second.pk]}, shop) == (
        f"who prefer barber Tony ({first.pk}) or Tony ({second.pk})"
    )


def test_names_are_asked_once_for_each_model_and_only_when_a_sentence_has_them(
    django_assert_num_queries,
):
    shop = ShopFactory()
    ids = [tony_and_company(shop)["barber"], BarberFactory(shop=shop, last_name="Two").pk]
    names = Names(shop)

    with django_assert_num_queries(0):
        criteria.parse(MANY).sentence(names)
        criteria.parse({"preferred_barber": ids, "in_segment": 1}).sentence()
    with django_assert_num_queries(1):
        for each in [*ids, "b1", 10**9]:
            criteria.parse({"preferred_barber": each}).sentence(names)
    with django_assert_num_queries(1):
        criteria.parse({"preferred_barber": ids, "in_segment": [1, 2]}).sentence(names)
    with django_assert_num_queries(1):
        for each in ("vip", ["beard", "VIP"]):
            criteria.parse({"tags": each, "not": {"tags_all": each}}).sentence(names)


def test_words_of_the_shop_are_said_as_it_writes_them_and_unknown_ones_say_so():
    shop = ShopFactory()
    Tag.objects.create(shop=shop, name="Do Not Text")
    Tag.objects.create(name="gaum", shop=ShopFactory())
    ServiceFactory(shop=shop, category="Hot  Towel")

    assert said({"tags": ["do  not text", "gaum"]}, shop) == (
        "who are tagged Do Not Text or gaum (no such tag yet)"
    )
    assert said({"visit_count": {"min": 2, "service_category": ["hot towel", "Wax"]}}, shop) == (
        "who came at least 2 times for Hot Towel or Wax (no such category yet)"
    )


@pytest.mark.parametrize(
    ("tier", "amounts"),
    [
        ("low", "less than $100.00, but more than nothing"),
        ("medium", "at least $100.00, but less than $500.00"),
        ("high", "at least $500.00"),
    ],
)
def test_tiers_of_fixed_amounts_say_the_amounts_and_no_thirds(tier, amounts):
    fixed = ShopFactory(currency="USD", spending_medium_from=100_00, spending_high_from=500_00)
    thirds = {"low": "lowest", "medium": "middle", "high": "highest"}

    assert said({"spending_tier": tier}, fixed) == (
        f"who are in the {tier} spending tier ({amounts})"
    )
    assert said({"spending_tier": tier}, ShopFactory()) == (
        f"who are in the {thirds[tier]} third by spending"
    )


def test_findings_have_the_names_of_the_customers_shop():
    shop = ShopFactory()
    ids = tony_and_company(shop)
    parsed = criteria.parse({"preferred_barber": ids["barber"], "in_segment": ids["segment"]})

    (fan, inside) = parsed.findings(CustomerFactory(shop=shop))
    (elsewhere, _) = parsed.findings(CustomerFactory())

    assert fan.sentence == "who prefer barber Tony Ray"
    assert inside.sentence == 'who are in segment "Lapsed regulars"'
    assert elsewhere.sentence == f"who prefer barber {ids['barber']} (gone)"
