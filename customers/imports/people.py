"""One row, understood: what is to be stored about one person."""

import datetime as dt
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from barbershop.models import Barber, Barbershop
from barbershop.nearest import nearest
from customers.addresses import address_hmac
from customers.imports import cells
from customers.imports.reading import Row
from customers.imports.refusal import CellRefused

LONGEST_CONSENT_TEXT = 5000


@dataclass(frozen=True)
class Problem:
    """Why a row was refused; an empty column is the whole row."""

    line: int
    column: str
    message: str


@dataclass
class Person:
    """What a row says. ``fields`` are columns of ``Customer``; what is left empty is absent."""

    line: int
    fields: dict = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    sms_consent_at: dt.datetime | None = None
    sms_consent_source: str = ""
    sms_consent_text: str = ""
    email_opted_out: bool = False

    @property
    def claims_sms_consent(self) -> bool:
        return bool(self.sms_consent_at or self.sms_consent_source or self.sms_consent_text)

    @property
    def proves_sms_consent(self) -> bool:
        return bool(self.sms_consent_at and self.sms_consent_source and self.sms_consent_text)


class Interpreter:
    """Reads rows of one file, for one shop, as of one moment."""

    def __init__(self, *, shop: Barbershop, names: tuple[str, ...], now: dt.datetime):
        self._names = names
        self._barbers = _Barbers(shop)
        today = timezone.localdate(now, shop.zone)
        self._readers = {
            "external_id": partial(cells.one_line, longest=120),
            "first_name": partial(cells.one_line, longest=80),
            "last_name": partial(cells.one_line, longest=80),
            "email": cells.email,
            "phone": partial(cells.phone, region=shop.country),
            "birthday": partial(cells.birthday, today=today),
            "preferred_barber": self._barbers.find,
            "tags": cells.tags,
            "language": cells.language,
            "timezone": cells.zone,
            "zip": cells.postal_code,
            "sms_consent_at": partial(cells.past_moment, zone=shop.zone, now=now),
            "sms_consent_source": partial(cells.one_line, longest=60),
            "sms_consent_text": partial(_text, longest=LONGEST_CONSENT_TEXT),
            "email_opted_out": cells.yes_or_no,
        }

    def read(self, row: Row) -> tuple[Person | None, list[Problem]]:
        """The person, or every problem of the row."""
        if row.problem:
            return None, [Problem(row.line, "", row.problem)]
        if len(row.cells) > len(self._names):
            message = f"It has {len(row.cells)} cells; the first line names {len(self._names)}."
            return None, [Problem(row.line, "", message)]
        values, problems = {}, []
        for name, cell in zip(self._names, row.cells, strict=False):
            if not name or not cell:
                continue
            try:
                text = cells.clean(cell)
                if text:
                    values[name] = self._readers[name](text)
            except CellRefused as error:
                problems.append(Problem(row.line, name, str(error)))
        if not problems and not {"external_id", "email", "phone"} & values.keys():
            message = "It needs an external_id, an email address or a phone number."
            problems.append(Problem(row.line, "", message))
        return (None, problems) if problems else (_person(row.line, values), [])


def _person(line: int, values: dict) -> Person:
    year, month, day = values.pop("birthday", (None, None, None))
    person = Person(line=line, tags=values.pop("tags", ()))
    for name in ("sms_consent_at", "sms_consent_source", "sms_consent_text", "email_opted_out"):
        setattr(person, name, values.pop(name, getattr(person, name)))
    if month:
        values |= {"birth_year": year, "birth_month": month, "birth_day": day}
    if "preferred_barber" in values:
        values["preferred_barber_id"] = values.pop("preferred_barber")
    for name in ("email", "phone"):
        if name in values:
            values[f"{name}_hmac"] = address_hmac(values[name])
    person.fields = values
    return person


def _text(value: str, *, longest: int) -> str:
    if len(value) > longest:
        raise CellRefused(f"It is longer than {longest:,} characters.")
    return value


class _Barbers:
    """The shop's barbers by external id and by name."""

    def __init__(self, shop: Barbershop):
        self._ids: dict[str, set[int]] = {}
        self._external: dict[str, int] = {}
        self._shown: dict[str, str] = {}
        for barber in Barber.objects.for_shop(shop):
            if barber.external_id:
                self._external[barber.external_id] = barber.pk
            for name in {str(barber), barber.first_name}:
                self._ids.setdefault(name.lower(), set()).add(barber.pk)
                self._shown[name.lower()] = name

    def find(self, value: str) -> int:
        if value in self._external:
            return self._external[value]
        ids = self._ids.get(" ".join(value.lower().split()), set())
        if len(ids) == 1:
            return next(iter(ids))
        if ids:
            raise CellRefused(f"{value[:60]!r} is the name of {len(ids)} barbers.")
        match = nearest(value, {**self._ids, **self._external})
        hint = f" Did you mean {self._shown.get(match, match)}?" if match else ""
        raise CellRefused(f"There is no barber {value[:60]!r} in this shop.{hint}")
