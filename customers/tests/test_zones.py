"""Where somebody may be, by what is known of him; a second opinion is never thrown away."""

import pytest

from barbershop.tests.factories import ShopFactory
from customers import area_codes, zip_codes, zones
from customers.models import Customer
from customers.zones import SOMEWHERE, place

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
LOS_ANGELES, BOISE = "America/Los_Angeles", "America/Boise"
BORDER = {"+12085550100": {BOISE, DENVER, LOS_ANGELES}, "+18505550100": {NEW_YORK, CHICAGO}}


def where(phone="", *, timezone="", zip="", **shop):
    shop = ShopFactory.build(timezone=NEW_YORK, **shop)
    return place(phone=phone, timezone=timezone, zip=zip, shop=shop)


@pytest.mark.parametrize(("phone", "expected"), BORDER.items())
def test_area_code_on_a_border_is_in_every_zone_it_touches(phone, expected):
    assert where(phone).zones == expected


def test_number_from_elsewhere_counts_beside_the_zip_code():
    found = where("+12145550100", zip="33101-1234")

    assert found.zones == {CHICAGO, NEW_YORK}
    assert found.states == {"TX", "FL"}


def test_zone_that_somebody_gave_counts_beside_his_number():
    assert where("+12125550100", timezone="America/Phoenix").zones == {NEW_YORK, "America/Phoenix"}


def test_zone_that_does_not_exist_says_nothing():
    assert where("+12145550100", timezone="Mars/Olympus").zones == {CHICAGO}


@pytest.mark.parametrize("phone", ["+18005550100", "+18335550100", "+88123456789", "+447", "", "x"])
def test_number_without_a_place_leaves_it_unknown(phone):
    assert where(phone).zones == frozenset()


def test_toll_free_number_adds_nothing_to_what_he_said():
    assert where("+18005550100", timezone=DENVER).zones == {DENVER}
    assert where("+18005550100", zip="80202") == where("+13035550100")


def test_shops_zone_stands_in_for_a_new_area_code_of_its_country_only():
    unheard_of = "+15555550100"
    assert where(unheard_of) == zones.Place(frozenset({NEW_YORK}), frozenset({SOMEWHERE}))
    assert where(unheard_of, country="DE").zones == frozenset()
    assert where(unheard_of, timezone=CHICAGO).zones == {CHICAGO}


@pytest.mark.parametrize(
    ("zone", "states"),
    [
        ("America/Detroit", {SOMEWHERE}),
        ("Pacific/Honolulu", {SOMEWHERE}),
        ("Asia/Tokyo", set()),
        ("Europe/Paris", set()),
        ("Etc/GMT+5", set()),
    ],
)
def test_toll_free_number_of_somebody_who_lives_abroad_is_of_no_state(zone, states):
    assert where("+18005550100", timezone=zone).states == states


def test_soldiers_address_may_be_anywhere_unless_he_says_where():
    assert where("+12125550100", zip="09012").zones == frozenset()
    assert where("+12125550100", zip="09012", timezone="Europe/Berlin").zones == {
        "Europe/Berlin",
        NEW_YORK,
    }


def test_number_of_another_country_has_that_countrys_zones():
    assert where("+4930123456").zones == {"Europe/Berlin"}
    assert "Europe/London" in where("+447700900123").zones  # not a number of anybody
    assert where("+14165550100") == zones.Place(frozenset({"America/Toronto"}), frozenset())


def test_post_code_of_another_country_is_not_read_as_a_zip_code():
    assert where("+4930123456", zip="10115", country="DE") == where("+4930123456")
    assert NEW_YORK in where("+4930123456", zip="10115", country="US").zones


@pytest.mark.parametrize(
    ("code", "state", "expected"),
    [
        ("33101", "FL", (NEW_YORK,)),
        ("32501", "FL", (CHICAGO,)),
        ("32401", "FL", (NEW_YORK, CHICAGO)),
        ("75201", "TX", (CHICAGO,)),
        ("79901", "TX", (DENVER,)),
        ("73301", "TX", (CHICAGO,)),
        ("73101", "OK", (CHICAGO,)),
        ("98101", "WA", (LOS_ANGELES,)),
        ("06101", "CT", (NEW_YORK,)),
        ("85001", "AZ", ("America/Phoenix",)),
        ("83814", "ID", (LOS_ANGELES,)),
        ("83702", "ID", (DENVER,)),
        ("96801", "HI", ("Pacific/Honolulu",)),
        ("96799", "AS", ("Pacific/Pago_Pago",)),
        ("99501", "AK", ("America/Anchorage", "America/Adak")),
        ("00901", "PR", ("America/Puerto_Rico",)),
    ],
)
def test_zip_code_is_in_its_state_and_zones(code, state, expected):
    assert zip_codes.state_and_zones(code) == (state, expected)


@pytest.mark.parametrize("code", ["", "1", "1234", "SW1A 1AA", "١٢٣٤٥", "00000", "34301"])
def test_what_is_no_zip_code_says_nothing(code):
    assert zip_codes.state_and_zones(code) == ("", ())


def test_both_tables_know_the_same_states():
    by_zip = {zip_codes.state_and_zones(f"{n:03}01")[0] for n in range(1000)} - {""}
    by_number = set(area_codes.STATE_OF.values())
    assert len(by_number - {"AS", "GU", "MP", "PR", "VI"}) == 51  # with the District of Columbia
    assert by_number - by_zip == {"AS", "MP"}
    assert by_zip <= by_number


def test_every_area_code_of_a_state_has_a_zone():
    assert [area for area in area_codes.STATE_OF if not zones._zones_of_area(area)] == []


def test_candidates_are_the_zones_themselves():
    shop = ShopFactory.build(timezone=NEW_YORK)
    customer = Customer(shop=shop, phone="+18505550100", timezone="", zip="")

    assert {zone.key for zone in zones.candidates(customer, shop)} == {NEW_YORK, CHICAGO}
