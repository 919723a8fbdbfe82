"""Where somebody may be: every time zone and state that what we know of him allows.

A number moves with its owner, a ZIP code grows old: nothing that is known is thrown away. Whoever
asks what the time is where he lives must be content with all of the answers.
"""

import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone as number_zones
from phonenumbers.tzdata import TIMEZONE_DATA

from barbershop.models import Barbershop
from customers import area_codes, zip_codes
from customers.models import Customer

SOMEWHERE = "US"  # in the place of a state: one of them, nobody knows which
# No state of the US is in any of these zones; in America's and the Pacific's there may be one.
_NO_STATE_IN = (
    *("Africa/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/"),
    *("Australia/", "Europe/", "Indian/", "Etc/"),
)
_UNKNOWN = "Etc/Unknown"
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})\d{7}\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Candidates, by their IANA names and postal abbreviations.

    Attributes:
        zones: nothing when it cannot be known what time it is there.
        states: of the US; ``SOMEWHERE`` when he may be in any of them.
    """

    zones: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()


def candidates(customer: Customer, shop: Barbershop) -> frozenset[zoneinfo.ZoneInfo]:
    """Every zone in which this customer of this shop may be; empty when nobody can know."""
    found = place(phone=customer.phone, timezone=customer.timezone, zip=customer.zip, shop=shop)
    return frozenset(map(zoneinfo.ZoneInfo, found.zones))


def place(*, phone: str, timezone: str, zip: str, shop: Barbershop) -> Place:
    """The zone he gave, his ZIP code's and his number's; the shop's own when there is nothing.

    The shop's stands in only for a number of its own country that belongs to a person. A toll-free
    one, one of another country or a soldier's address says that he may be anywhere.
    """
    return _place(_significant(phone), timezone, zip.strip()[:5], shop.timezone, shop.country)


@lru_cache(maxsize=1 << 16)
def _place(phone: str, timezone: str, zip: str, shop_zone: str, country: str) -> Place:
    is_north_american = phone.startswith("+1")
    given = _known([timezone])
    state, zip_zones = "", ()
    if is_north_american or country == "US":
        state, zip_zones = zip_codes.state_and_zones(zip)
        if zip[:3] in zip_codes.ABROAD and not given:
            return Place()
    zones = given | _known(zip_zones) | _known(_zones_of_number(phone))
    area = phone[2:] if is_north_american else ""
    if not zones and is_north_american and country == "US" and area not in area_codes.NOWHERE:
        zones = _known([shop_zone])
    states = {state, area_codes.STATE_OF.get(area, "")} - {""}
    lives_abroad = bool(given) and all(zone.startswith(_NO_STATE_IN) for zone in given)
    if not states and area and not _zones_of_area(area) and not lives_abroad:
        states = {SOMEWHERE}
    return Place(zones, frozenset(states))


def _significant(phone: str) -> str:
    """Of a North American number its area code decides; of another, all of it may."""
    return phone[:5] if _NORTH_AMERICAN.match(phone) else phone


def _zones_of_number(phone: str) -> Iterable[str]:
    if phone.startswith("+1"):
        return _zones_of_area(phone[2:])
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return ()
    found = number_zones.time_zones_for_number(number)
    if _UNKNOWN in found:  # its country, at least
        found = number_zones.time_zones_for_geographical_number(number)
    return found


@lru_cache(maxsize=1000)
def _zones_of_area(area: str) -> frozenset[str]:
    """All zones of an area code: whoever moves within it may keep his number."""
    prefix = f"1{area}"
    found = (zones for digits, zones in TIMEZONE_DATA.items() if digits.startswith(prefix))
    return frozenset(zone for zones in found for zone in zones)


@lru_cache(maxsize=1000)
def _is_zone(name: str) -> bool:
    return name in zoneinfo.available_timezones()


def _known(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name and _is_zone(name))
