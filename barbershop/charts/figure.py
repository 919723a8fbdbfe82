"""What ``components/_figure.html`` shows: a drawing with its words and its numbers."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Figure:
    """A chart, ready for the page. ``drawing`` is empty when there is nothing to draw."""

    title: str
    summary: str
    drawing: SafeString | str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    legend: tuple[tuple[SafeString, str], ...] = ()
