"""What each rule can find, as values, and the gate's own words for it.

Whoever reads them for somebody else says them in his reader's words; no text is read back.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from communications.compliance.moments import LONGEST_WAIT
from communications.models import Suppression


class Finding(Protocol):
    """A frozen dataclass; a higher floor may have some of its own."""

    def in_words(self, zone: dt.tzinfo) -> str:
        """The gate's own words, as the API has them, with times in the shop's zone."""


@dataclass(frozen=True)
class Erased:
    """The day in UTC; None: he is not."""

    on: dt.date | None

    def in_words(self, zone: dt.tzinfo) -> str:
        return f"on {self.on.isoformat()}" if self.on else "no"


@dataclass(frozen=True)
class Address:
    is_known: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        return "there is one" if self.is_known else "none"


@dataclass(frozen=True)
class Suppressions:
    """Every cause in force, also one that does not count for this kind of message."""

    causes: tuple[Suppression.Cause, ...]

    def in_words(self, zone: dt.tzinfo) -> str:
        return ", ".join(self.causes) or "none"


@dataclass(frozen=True)
class KeptOut:
    """Somebody with one of his addresses was erased at this shop."""

    def in_words(self, zone: dt.tzinfo) -> str:
        return "an address of his belongs to somebody who was erased"


@dataclass(frozen=True)
class Held:
    is_held: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        return "a reply waits for a person" if self.is_held else "no"


@dataclass(frozen=True)
class Consent:
    """``decision`` as in ``consent.annotate_decision``: empty when nothing was said."""

    decision: str
    is_needed: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        needed = "it is needed" if self.is_needed else "none is needed"
        return f"{self.decision or 'nothing was said'}; {needed}"


@dataclass(frozen=True)
class Exclusion:
    """Whether he is one of those whom the campaign leaves out."""

    is_so: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        return "yes" if self.is_so else "no"


@dataclass(frozen=True)
class Suspension:
    since: dt.datetime
    reason: str

    def in_words(self, zone: dt.tzinfo) -> str:
        return f"since {_at(self.since, zone)}: {self.reason}"


@dataclass(frozen=True)
class TimeZones:
    """Where he may be, in order: IANA names, none when nobody knows, and states of the US."""

    zones: tuple[str, ...]
    states: tuple[str, ...]

    def in_words(self, zone: dt.tzinfo) -> str:
        states = f" ({', '.join(self.states)})" if self.states else ""
        return (", ".join(self.zones) or "nobody knows") + states


@dataclass(frozen=True)
class Hours:
    """Whether a text may arrive now.

    Attributes:
        until: the end of the hours that are open now, where there are any.
        opens_at: while it is closed; None when that is later than a text may wait.
    """

    is_open: bool
    until: dt.datetime | None = None
    opens_at: dt.datetime | None = None

    def in_words(self, zone: dt.tzinfo) -> str:
        if self.is_open:
            return f"open until {_at(self.until, zone)}" if self.until else "open"
        if self.opens_at:
            return f"closed, opens {_at(self.opens_at, zone)}"
        return f"closed for more than {LONGEST_WAIT.days} days"


@dataclass(frozen=True)
class Cap:
    """How many he had of how many; ``ahead`` as in ``frequency.Verdict``."""

    had: int
    most: int
    ahead: int = 0

    def in_words(self, zone: dt.tzinfo) -> str:
        also = ", and gets this by another channel" if self.ahead else ""
        return f"had {self.had} of {self.most}{also}"


def _at(moment: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
