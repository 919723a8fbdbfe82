"""What a check of all texts says."""

import datetime as dt
from dataclasses import dataclass

from campaigns.text_costs import TextCosts

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)


@dataclass(frozen=True)
class Example:
    """Somebody to whom it happens."""

    customer: int
    name: str


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a look.

    Attributes:
        level: ``error`` fails or reads broken, ``warning`` costs trust, money or arrivals,
            ``note`` is only said.
        code: the same word for the same thing, in every campaign.
        advice: what to do about it.
        channel: empty when it is about none alone.
        field: the merge field that it is about.
        messages: so many messages of those that would go; None when the words themselves are
            meant, whoever reads them.
        stops_start: the campaign cannot be started as long as it is so.
    """

    level: str
    code: str
    message: str
    advice: str
    channel: str = ""
    field: str = ""
    messages: int | None = None
    examples: tuple[Example, ...] = ()
    stops_start: bool = False


@dataclass(frozen=True)
class Report:
    """``checked`` says by channel how many messages would go and were looked at; ``texts`` what
    the texts among them cost."""

    as_of: dt.datetime
    checked: dict[str, int]
    findings: tuple[Finding, ...]
    texts: TextCosts | None = None

    @property
    def is_read(self) -> bool:
        """Whether there was anybody as whom a message could be read."""
        return any(self.checked.values())

    @property
    def stops_start(self) -> bool:
        return any(finding.stops_start for finding in self.findings)

    def count(self, level: str) -> int:
        return sum(finding.level == level for finding in self.findings)

    @property
    def errors(self) -> int:
        return self.count(ERROR)

    @property
    def warnings(self) -> int:
        return self.count(WARNING)

    @property
    def notes(self) -> int:
        return self.count(NOTE)
