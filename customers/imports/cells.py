"""One cell at a time: each reader takes stripped text and returns what is stored."""

import datetime as dt
import re
import zoneinfo
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime

from barbershop.csv_export import unguarded
from barbershop.nearest import nearest
from barbershop.plain_text import validate_one_line
from customers.addresses import normalise_email, normalise_phone
from customers.imports.refusal import CellRefused
from customers.shop_words import once

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_YEARLESS = re.compile(r"(?:--)?(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_ZIP = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*\Z")
YES = frozenset({"1", "yes", "y", "true", "t", "x", "on"})
NO = frozenset({"0", "no", "n", "false", "f", "off"})
LEAP_YEAR = 2000
FIRST_YEAR = 1900


def clean(cell: str) -> str:
    """Without spaces around it and without an export's guard against formulas.

    Raises:
        CellRefused: for null bytes and other control characters.
    """
    cell = unguarded(cell.strip())
    if _CONTROL.search(cell):
        raise CellRefused("It holds a control character.")
    return cell


def one_line(value: str, *, longest: int) -> str:
    """A cell may be broken over lines; what is stored is one."""
    value = " ".join(value.split())
    try:
        validate_one_line(value)
    except ValidationError as error:
        raise CellRefused(error.messages[0]) from error
    if len(value) > longest:
        raise CellRefused(f"It is longer than {longest} characters.")
    return value


def email(value: str) -> str:
    return _normalised(normalise_email, value)


def phone(value: str, *, region: str) -> str:
    return _normalised(normalise_phone, value, region=region)


def _normalised(normalise, value: str, **kwargs) -> str:
    try:
        return normalise(value, **kwargs)
    except ValidationError as error:
        raise CellRefused(error.messages[0]) from error


def birthday(value: str, *, today: dt.date) -> tuple[int | None, int, int]:
    """Year (or None), month, day of 1990-05-17, --05-17, 05-17 or 05/17/1990."""
    if found := _ISO_DAY.match(value):
        year, month, day = map(int, found.groups())
    elif found := _US_DAY.match(value):
        month, day, year = map(int, found.groups())
    elif found := _YEARLESS.match(value):
        year, (month, day) = None, map(int, found.groups())
    else:
        raise CellRefused(f"{value[:40]!r} is not a date such as 1990-05-17 or --05-17.")
    try:
        born = dt.date(year or LEAP_YEAR, month, day)
    except ValueError:
        raise CellRefused(f"{value!r} is not a day of the calendar.") from None
    if year and not (year >= FIRST_YEAR and born <= today):
        raise CellRefused(f"{value!r} is not between {FIRST_YEAR} and today.")
    return year, month, day


def tags(value: str) -> tuple[str, ...]:
    """Names divided by ``;`` or ``|``, each once."""
    return tuple(once(one_line(name, longest=60) for name in re.split(r"[;|]", value)))


def language(value: str) -> str:
    if not _LANGUAGE.match(value) or len(value) > 10:
        raise CellRefused(f"{value[:40]!r} is not a language such as en or es-MX.")
    first, dash, rest = value.partition("-")
    return f"{first.lower()}{dash}{rest}"


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    # Listing them walks a directory tree: once per process, not once per row.
    return {name.lower(): name for name in zoneinfo.available_timezones()}


@lru_cache(maxsize=1000)
def zone(value: str) -> str:
    if value.lower() in _zones():
        return _zones()[value.lower()]
    match = nearest(value, _zones())
    hint = f" Did you mean {_zones()[match]}?" if match else ""
    raise CellRefused(f"{value[:64]!r} is not a time zone such as America/New_York.{hint}")


def postal_code(value: str) -> str:
    if not _ZIP.match(value) or len(value) > 12:
        raise CellRefused(f"{value[:40]!r} is not a ZIP.")
    return value


def yes_or_no(value: str) -> bool:
    word = value.lower()
    if word not in YES | NO:
        raise CellRefused(f"{value[:40]!r} is neither yes nor no.")
    return word in YES


def past_moment(value: str, *, zone: zoneinfo.ZoneInfo, now: dt.datetime) -> dt.datetime:
    """A date or time, in the shop's zone when it names none; not in the future."""
    found = _US_DAY.match(value)
    text = f"{found[3]}-{found[1]:0>2}-{found[2]:0>2}" if found else value
    try:
        moment = parse_datetime(text) or parse_date(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CellRefused(f"{value[:40]!r} is not a time such as 2026-03-01T14:30:00-05:00.")
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.year < FIRST_YEAR or moment > now:
        raise CellRefused(f"{value[:40]!r} is not between {FIRST_YEAR} and now.")
    return moment
