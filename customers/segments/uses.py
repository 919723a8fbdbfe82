"""Who would miss a segment, and which segments would miss a row that their rules name."""

from collections.abc import Callable, Iterable, Iterator

from barbershop import uses
from barbershop.models import Barber, Service
from barbershop.uses import InUse, Use
from customers.criteria.membership import NAME as IN_SEGMENT
from customers.models import CustomerSegment

# Facts and properties of facts by what they name: by id, and by external id where there is one.
BARBER, SERVICE = frozenset({"preferred_barber", "barber"}), frozenset({"service"})
SEGMENT = frozenset({IN_SEGMENT})
IN_RULES = "asks for it in its rules"


class SegmentInUse(InUse):
    """A segment that others need is not deleted."""


def register() -> None:
    uses.register(Barber, lambda barber: segments_naming(barber, BARBER))
    uses.register(Service, lambda service: segments_naming(service, SERVICE))


def of(segment: CustomerSegment) -> list[Use]:
    """Everything that uses a segment, campaigns first."""
    return [*uses.of(segment), *segments_naming(segment, SEGMENT)]


def segments_naming(row, keys: frozenset[str]) -> list[Use]:
    """Segments whose rules name a row under one of these keys; not the row itself."""
    is_named = naming(row, keys)
    others = CustomerSegment.objects.for_shop(row.shop).only("name", "criteria")
    return [
        Use("segment", other.pk, other.name, IN_RULES)
        for other in others
        if other != row and is_named(other.criteria)
    ]


def naming(row, keys: frozenset[str]) -> Callable[[object], bool]:
    """Whether criteria name this row under one of these keys."""
    refs = {row.pk, getattr(row, "external_id", "") or row.pk}
    return lambda raw: not refs.isdisjoint(mentions(raw, keys))


def mentions(raw, keys: frozenset[str]) -> Iterator[int | str]:
    """What criteria name under one of these keys, wherever it stands in them."""
    if isinstance(raw, list):
        for item in raw:
            yield from mentions(item, keys)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            if key in keys:
                yield from _refs(value if isinstance(value, list) else [value])
            else:
                yield from mentions(value, keys)


def _refs(values: Iterable) -> Iterator[int | str]:
    """As the language reads them; what it would not read names nothing."""
    for value in values:
        if isinstance(value, int | str):
            yield value.strip() if isinstance(value, str) else value
