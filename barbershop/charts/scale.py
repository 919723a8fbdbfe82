"""A value axis with round steps."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Number = int | float
Wording = Callable[[Number | None], str]

STEPS = (1, 2, 5, 10)
WANTED_STEPS = 4


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high`` (both round, 0 always inside) with its tick values."""

    low: Number
    high: Number
    ticks: tuple[Number, ...]

    def share(self, value: Number) -> float:
        """Where a value lies: 0 at the bottom of the axis, 1 at its top."""
        return (value - self.low) / (self.high - self.low)

    def tick_words(self, wording: Wording) -> tuple[str, ...]:
        """The tick labels; cents that are ``.00`` on every tick are left out."""
        words = tuple(wording(tick) for tick in self.ticks)
        if all(word.endswith(".00") for word in words):
            return tuple(word.removesuffix(".00") for word in words)
        return words


def round_scale(values: Iterable[Number | None]) -> Scale:
    """The smallest axis with steps of 1, 2 or 5 times a power of ten that holds all values."""
    known = [value for value in values if value is not None]
    low, high = min([0, *known]), max([0, *known])
    whole = all(isinstance(value, int) for value in known)
    if low == high:
        high = 1
    step = _round_step((high - low) / WANTED_STEPS, whole=whole)
    first, last = math.floor(low / step), math.ceil(high / step)
    # Rounding takes off what binary fractions leave behind (0.30000000000000004).
    ticks = tuple(round(index * step, 10) for index in range(first, last + 1))
    return Scale(low=ticks[0], high=ticks[-1], ticks=ticks)


def _round_step(least: float, *, whole: bool) -> Number:
    power = math.floor(math.log10(least))
    # An integer power keeps whole counts whole: 10.0 ** 3 would turn every tick into a float.
    size = 10**power if power >= 0 else 10.0**power
    step = next(factor * size for factor in STEPS if factor * size >= least * 0.999999)
    return max(1, round(step)) if whole else step
