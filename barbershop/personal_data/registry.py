"""The declarations of all tables, and what is done by them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from barbershop.personal_data.person import Person

GONE = "Erased with the person it was about."


class Why(Enum):
    """Why a column stays when a person is erased. Facts and evidence are in his export, too."""

    KEY = "An id, or a link to another row."
    SHOP = "The shop's own words and settings, the same for everybody."
    STAFF = "About somebody who works here: a matter of his account, not of a customer."
    MACHINE = "How and when the software did its work."
    FACT = "What happened, when and for how much: about nobody once the person is gone."
    EVIDENCE = "Proof of consent and of its end; no address in it, only its HMAC."
    DIGEST = "A keyed or one-way hash: it matches the same value again and reveals none."

    @property
    def is_shown(self) -> bool:
        return self in {Why.FACT, Why.EVIDENCE}


@dataclass(frozen=True, kw_only=True)
class Table:
    """One model. With ``rows`` it holds something about persons.

    Attributes:
        kept: each column that stays, with the reasons given for it: exactly one.
        rows: the rows about one person. Once he is erased they are found by ids and HMACs alone.
        emptied: each personal column, with what stands there afterwards (a value or expression).
        stays: in words what is left of a row that is emptied.
        is_deleted: an erasure deletes the rows.
        is_trace: what programs and other people wrote down about him; shown last.
        shown: ``{label: look-up}`` for his export, beside the columns.
        addresses: look-ups of channel, address and HMAC, where rows tell addresses that he had.
        add: completes a list of exported rows in place, for what no column says.
    """

    model: type[Model]
    kept: Mapping[str, list[Why]]
    title: str = ""
    rows: Callable[[Person], QuerySet] | None = None
    emptied: Mapping[str, Any] = field(default_factory=dict)
    stays: str = ""
    is_deleted: bool = False
    is_trace: bool = False
    shown: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, str, str] | None = None
    add: Callable[[list[dict]], None] | None = None

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    @property
    def columns(self) -> list[str]:
        """What an export shows of a row, in the order of the model."""
        kept = {name for name, why in self.kept.items() if why[0].is_shown}
        key = self.model._meta.pk.name
        names = [f.name for f in self.model._meta.concrete_fields if f.name != key]
        return [key, *(name for name in names if name in kept or name in self.emptied)]

    @property
    def effect(self) -> str:
        """What an erasure does to the rows, in words."""
        if self.is_deleted:
            return "deleted"
        stays = f"; {self.stays} stay" if self.stays else ""
        return f"emptied of what is personal{stays}" if self.emptied else "kept, without the person"


_tables: dict[type[Model], Table] = {}
_steps: list[Callable] = []
_recognise: list[Callable[[], QuerySet]] = []


def declare(model: type[Model], **declared) -> None:
    """Say what each column of a model is.

    ``key=``, ``shop=``, ``staff=``, ``machine=``, ``fact=``, ``evidence=`` and ``digest=`` take
    column names with spaces between them; everything else is an attribute of ``Table``.
    """
    kept: dict[str, list[Why]] = {}
    for why in Why:
        for name in declared.pop(why.name.lower(), "").split():
            kept.setdefault(name, []).append(why)
    _tables[model] = Table(model=model, kept=kept, **declared)


def tables() -> dict[type[Model], Table]:
    return dict(_tables)


def holders() -> list[Table]:
    """The tables with rows about persons, the person's own row first, mere traces last."""
    found = [table for table in _tables.values() if table.rows is not None]
    return sorted(found, key=lambda table: table.is_trace)


def problems() -> list[str]:
    """Columns of any installed model that are declared not at all, twice, or do not exist."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        table = _tables.get(model, Table(model=model, kept={}))
        label, names = model._meta.label, {f.name for f in model._meta.concrete_fields}
        said = [*table.emptied, *(name for name, why in table.kept.items() for _ in why)]
        found += [f"{label}.{name} is not declared" for name in sorted(names - set(said))]
        found += [f"{label}.{name} does not exist" for name in sorted(set(said) - names)]
        found += [f"{label}.{name} is declared twice" for name in said if said.count(name) > 1]
        if table.emptied and table.rows is None:
            found.append(f"{label} has personal columns, and nothing finds their rows")
    return found


def empty(person: Person) -> dict[str, int]:
    """Do to every table what an erasure does; how many rows each. Must run in a transaction."""
    return {table.name: count for table in holders() if (count := _empty(table, person))}


def _empty(table: Table, person: Person) -> int:
    rows = table.rows(person).order_by()
    if table.is_deleted:
        return rows.delete()[0]
    return rows.update(**table.emptied) if table.emptied else 0


def before_erasure(step: Callable) -> None:
    """Add what must happen first, in the erasure's transaction: ``step(person, by=, now=)``."""
    if step not in _steps:
        _steps.append(step)


def prepare_erasure(person: Person, *, by, now) -> None:
    for step in _steps:
        step(person, by=by, now=now)


def is_erased_address(rows: Callable[[], QuerySet]) -> None:
    """Name the rows that remember whom an erasure concerned: shop, channel, address_hmac."""
    _recognise[:] = [rows]


def erased_addresses() -> QuerySet:
    """The addresses, as HMACs, of people who asked to be erased."""
    return _recognise[0]()
