"""The funnel: how many were left at each step, each with its own denominator in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from barbershop.templatetags.ui import bar, counted, percent


@dataclass(frozen=True)
class FunnelStep:
    """One step. ``count`` draws the bar; a step that is money has a ``value`` and no count.

    ``base`` is the denominator of this step's own rate and ``base_name`` what it counts.
    """

    label: str
    count: int | None = None
    value: str = ""
    base: int | None = None
    base_name: str = ""
    href: str = ""
    note: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class FunnelRow:
    """What ``components/_funnel.html`` shows of a step."""

    label: str
    value: str
    bar: SafeString | str
    href: str
    note: str
    estimated: bool


def funnel(steps: Sequence[FunnelStep]) -> tuple[FunnelRow, ...]:
    """Rows whose bars are shares of the largest count."""
    most = max((step.count or 0 for step in steps), default=0)
    return tuple(_row(step, most=most) for step in steps)


def _row(step: FunnelStep, *, most: int) -> FunnelRow:
    rate = ""
    if step.base_name and step.count is not None:
        share = step.count / step.base if step.base else None
        rate = f"{percent(share)} of {step.base_name}"
    return FunnelRow(
        label=step.label,
        value=step.value or counted(step.count),
        bar=bar(step.count / most if most else 0) if step.count is not None else "",
        href=step.href,
        note=" · ".join(part for part in (rate, step.note) if part),
        estimated=step.estimated,
    )
