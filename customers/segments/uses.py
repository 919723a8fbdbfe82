"""Who would miss a segment. Upper floors say so through a registry that they fill when ready."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from customers.criteria.membership import NAME as IN_SEGMENT
from customers.models import CustomerSegment


@dataclass(frozen=True)
class Use:
    """One thing that needs a segment.

    Attributes:
        kind: campaign, automation or segment.
        id: of the row of that kind.
        name: as people know it.
        how: the end of a sentence, such as "includes it".
    """

    kind: str
    id: int
    name: str
    how: str


class SegmentInUse(Exception):
    """A segment that others need is not deleted."""

    def __init__(self, segment: CustomerSegment, uses: list[Use]):
        named = ", ".join(f"{use.kind} “{use.name}”" for use in uses[:5])
        more = f" and {len(uses) - 5} more" if len(uses) > 5 else ""
        super().__init__(f"“{segment.name}” is used by {named}{more}. Take it out there first.")
        self.uses = uses


Finder = Callable[[CustomerSegment], list[Use]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let an upper floor say which of its rows use a segment."""
    if finder not in _finders:
        _finders.append(finder)


def of(segment: CustomerSegment) -> list[Use]:
    """Everything that uses a segment, campaigns first."""
    found = [use for finder in _finders for use in finder(segment)]
    return [*found, *_segments(segment)]


def mentions(raw) -> Iterator[int]:
    """The ids of segments that criteria name, wherever they stand in them."""
    if isinstance(raw, list):
        for item in raw:
            yield from mentions(item)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            if key == IN_SEGMENT:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from mentions(value)


def _segments(segment: CustomerSegment) -> list[Use]:
    others = CustomerSegment.objects.for_shop(segment.shop).exclude(pk=segment.pk)
    return [
        Use("segment", other.pk, other.name, "asks for it in its rules")
        for other in others.only("name", "criteria")
        if segment.pk in mentions(other.criteria)
    ]
