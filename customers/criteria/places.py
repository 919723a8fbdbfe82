"""Facts about where the customer lives: his ZIP code, and what follows from it in the US."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.db.models import Q
from django.db.models.functions import Left
from django.db.models.lookups import In

from barbershop.nearest import did_you_mean
from customers import zip_codes
from customers.criteria.errors import CriteriaError
from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import NOBODY
from customers.criteria.values import TEXT_SCHEMA, any_of, list_schema, one_or_more, text, word_of
from customers.criteria.view import View

SAMOA = "96799"  # the one code whose first three digits are another place's
Place = tuple[str, tuple[str, ...]]


@cache
def places() -> dict[str, Place]:
    """State and time zones by the first three digits; American Samoa by all five."""
    by_prefix = {f"{n:03}": zip_codes.state_and_zones(f"{n:03}00") for n in range(1000)}
    found = {prefix: place for prefix, place in by_prefix.items() if place[0]}
    return found | {SAMOA: zip_codes.state_and_zones(SAMOA)}


@cache
def states() -> tuple[str, ...]:
    return tuple(sorted({state for state, _ in places().values()}))


_STATE = word_of(states())


def _place_of(zip_code: str) -> Place:
    return places().get(zip_code[:5]) or places().get(zip_code[:3], ("", ()))


def _zip_means(fits: Callable[[str, tuple[str, ...]], bool], shop) -> Q:
    """Customers whose ZIP code lies where it fits; ZIP codes are the US's alone."""
    if shop.country != "US":
        return NOBODY
    prefixes = [prefix for prefix, place in places().items() if len(prefix) == 3 and fits(*place)]
    condition = Q(In(Left("zip", 3), prefixes)) & ~Q(zip__startswith=SAMOA) if prefixes else NOBODY
    return condition | Q(zip__startswith=SAMOA) if fits(*places()[SAMOA]) else condition


def _state_code(raw, path: str) -> str:
    """The two letters, in capitals or not."""
    return _STATE(raw.strip().upper() if isinstance(raw, str) else raw, path)


def _state(wanted: tuple[str, ...], view: View) -> Q:
    return _zip_means(lambda state, zones: state in wanted, view.shop)


@cache
def _zone_names() -> frozenset[str]:
    # The library reads the whole directory of zones each time it is asked.
    return frozenset(zoneinfo.available_timezones())


def _zone_name(raw, path: str) -> str:
    name = text(raw, path)
    if name not in _zone_names():
        hint = did_you_mean(name, _zone_names())
        hint = hint if hint.startswith("Did") else ""
        raise CriteriaError(path, f"Write an IANA zone such as America/New_York. {hint}".strip())
    return name


def _zone(wanted: tuple[str, ...], view: View) -> Q:
    implied = _zip_means(lambda state, zones: not set(wanted).isdisjoint(zones), view.shop)
    if view.shop.timezone in wanted:
        implied |= ~_zip_means(lambda state, zones: True, view.shop)
    return Q(timezone__in=wanted) | Q(timezone="") & implied


def _zip_starts(prefixes: tuple[str, ...], view: View) -> Q:
    condition = NOBODY
    for prefix in prefixes:
        condition |= Q(zip__startswith=prefix)
    return condition


def _found(value, customer, *, now) -> str:
    state = _place_of(customer.zip)[0] if customer.shop.country == "US" else ""
    return f"ZIP {customer.zip}{f', {state}' if state else ''}" if customer.zip else "no ZIP code"


def _zone_found(value, customer, *, now) -> str:
    if customer.timezone:
        return customer.timezone
    zones = _place_of(customer.zip)[1] if customer.shop.country == "US" else ()
    return f"{any_of(zones)} by ZIP code" if zones else f"the shop's {customer.shop.timezone}"


register_fact(
    Fact(
        name="zip",
        group="Place",
        description="The ZIP code begins with one of these.",
        parse=one_or_more(text),
        q=_zip_starts,
        sentence=lambda prefixes, names: f"whose ZIP code begins with {any_of(prefixes)}",
        found=_found,
        schema=list_schema(TEXT_SCHEMA),
        example=["100", "112"],
    )
)
register_fact(
    Fact(
        name="state",
        group="Place",
        description="Lives in one of these states of the US, by the ZIP code's first digits.",
        parse=one_or_more(_state_code),
        q=_state,
        sentence=lambda wanted, names: f"who live in {any_of(wanted)}",
        found=_found,
        schema=list_schema({"enum": list(states())}),
        example="NY",
    )
)
register_fact(
    Fact(
        name="time_zone",
        group="Place",
        description="Lives in one of these time zones: the one he gave, else what his ZIP code "
        "allows, else the shop's.",
        parse=one_or_more(_zone_name),
        q=_zone,
        sentence=lambda wanted, names: f"whose time zone is {any_of(wanted)}",
        found=_zone_found,
        schema=list_schema({"type": "string", "examples": ["America/New_York"]}),
        example="America/New_York",
    )
)
