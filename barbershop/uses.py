"""Who would miss a row of a shop. The floors above say so through a registry, filled when ready.

Criteria name rows by id, as data: no foreign key of the database keeps such a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

MOST_NAMED = 5


@dataclass(frozen=True)
class Use:
    """One thing that needs a row.

    Attributes:
        kind: campaign, automation, template or segment.
        id: of the row of that kind.
        name: as people know it.
        how: the end of a sentence, such as "includes it".
    """

    kind: str
    id: int
    name: str
    how: str


class InUse(Exception):
    """A row that others need is not deleted."""

    def __init__(self, row, uses: list[Use]):
        named = ", ".join(f"{use.kind} “{use.name}”" for use in uses[:MOST_NAMED])
        more = f" and {len(uses) - MOST_NAMED} more" if len(uses) > MOST_NAMED else ""
        super().__init__(f"“{row}” is used by {named}{more}. Take it out there first.")
        self.uses = uses


Finder = Callable[[Any], list[Use]]
_finders: dict[type, list[Finder]] = {}


def register(model: type, finder: Finder) -> None:
    """Let a floor above say which of its rows use a row of this model."""
    known = _finders.setdefault(model, [])
    if finder not in known:
        known.append(finder)


def of(row) -> list[Use]:
    """Everything that uses a row."""
    return [use for finder in _finders.get(type(row), ()) for use in finder(row)]


def delete(row) -> None:
    """Delete a row that nothing uses.

    Raises:
        InUse: naming who does.
    """
    with transaction.atomic():
        held = type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if held is not None:
            check(held)
            held.delete()


def check(row) -> None:
    """Raise ``InUse`` for a row that others need."""
    if found := of(row):
        raise InUse(row, found)
