"""A bar chart: one bar per named thing, lying, so that names fit on a phone."""

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from barbershop.charts.figure import Figure
from barbershop.charts.scale import Number, Wording
from barbershop.templatetags.ui import counted

ROW, BAR, BASELINE = 48, 16, 14  # pixels


@dataclass(frozen=True)
class Bar:
    """One named value, 0 or more; ``None`` says that it is not known."""

    label: str
    value: Number | None


@dataclass(frozen=True)
class BarChart:
    """Bars on one scale, in the order given. ``measure`` heads the column of values."""

    title: str
    summary: str
    axis: str
    measure: str
    bars: tuple[Bar, ...]
    wording: Wording = counted


def bar_chart(chart: BarChart) -> Figure:
    """The chart with its table; without a known value there is no drawing."""
    known = [bar.value for bar in chart.bars if bar.value is not None]
    if not known:
        return Figure(title=chart.title, summary=chart.summary)
    return Figure(
        title=chart.title,
        summary=chart.summary,
        drawing=_drawing(chart, most=max(known) or 1),
        columns=(chart.axis, chart.measure),
        rows=tuple((bar.label, (chart.wording(bar.value),)) for bar in chart.bars),
    )


def _drawing(chart: BarChart, *, most: Number) -> SafeString:
    rows = format_html_join(
        "",
        '<text x="0" y="{text}">{label}</text>'
        '<text class="chart-value" x="100%" y="{text}" text-anchor="end">{value}</text>'
        '<rect class="track" y="{top}" width="100%" height="{bar}" rx="3"></rect>'
        '<rect class="f1" y="{top}" width="{share}%" height="{bar}" rx="3"></rect>',
        (
            {
                "text": index * ROW + BASELINE,
                "top": index * ROW + BASELINE + 6,
                "label": bar.label,
                "value": chart.wording(bar.value),
                "share": f"{max(0, bar.value or 0) / most * 100:.4g}",
                "bar": BAR,
            }
            for index, bar in enumerate(chart.bars)
        ),
    )
    return format_html(
        '<svg class="chart-wide" width="100%" height="{}" role="img" aria-label="Bar chart: {}">'
        "{}</svg>",
        len(chart.bars) * ROW,
        chart.title,
        rows,
    )
