"""A line without axes, for a card; the number it belongs to stands beside it."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from barbershop.charts.scale import Number, round_scale

WIDTH, HEIGHT, MARGIN = 100, 32, 3


def sparkline(values: Sequence[Number | None]) -> SafeString | str:
    """An SVG of the values, oldest first, gaps counted as 0; nothing for fewer than two."""
    known = [value or 0 for value in values]
    if len(known) < 2:
        return ""
    scale = round_scale(known)
    drawable = HEIGHT - 2 * MARGIN
    points = " ".join(
        f"{index * WIDTH / (len(known) - 1):.4g},{MARGIN + (1 - scale.share(value)) * drawable:.4g}"
        for index, value in enumerate(known)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="none" aria-hidden="true">'
        '<polygon class="spark-area" points="0,{h} {points} {w},{h}"></polygon>'
        '<polyline class="series s1" points="{points}" vector-effect="non-scaling-stroke">'
        "</polyline></svg>",
        w=WIDTH,
        h=HEIGHT,
        points=points,
    )
