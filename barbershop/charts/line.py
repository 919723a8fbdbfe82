"""A line chart over time, several series, with gaps and marked moments."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from barbershop.charts.figure import Figure
from barbershop.charts.scale import Number, Scale, Wording, round_scale
from barbershop.templatetags.ui import counted

PLOT = 180  # pixels
TOP = 22  # room for the labels of marks
FOOT = 26  # room for the labels of the x axis
WIDTH = 1000  # inner units, stretched to the real width
CHARACTER = 7.5  # pixels at 12 px text
MOST_DOTS = 31
STYLES = 5  # series classes in charts.css


@dataclass(frozen=True)
class Series:
    """One line; ``values`` run along the chart's points, ``None`` leaves a gap."""

    name: str
    values: tuple[Number | None, ...]


@dataclass(frozen=True)
class Mark:
    """A moment worth a vertical line, by its place among the points."""

    index: int
    label: str


@dataclass(frozen=True)
class LineChart:
    """Up to five series over the same points. ``wording`` turns a value into text."""

    title: str
    summary: str
    axis: str
    points: tuple[str, ...]
    series: tuple[Series, ...]
    wording: Wording = counted
    marks: tuple[Mark, ...] = ()

    def __post_init__(self):
        if len(self.series) > STYLES:
            raise ValueError(f"a line chart holds at most {STYLES} series")
        for line in self.series:
            if len(line.values) != len(self.points):
                raise ValueError(f"{line.name}: one value (or None) per point is needed")


def line_chart(chart: LineChart) -> Figure:
    """The chart with its legend and table; without a single value there is no drawing."""
    values = [value for line in chart.series for value in line.values]
    rows = tuple(
        (point, tuple(chart.wording(line.values[index]) for line in chart.series))
        for index, point in enumerate(chart.points)
    )
    has_values = any(value is not None for value in values)
    return Figure(
        title=chart.title,
        summary=chart.summary,
        drawing=_drawing(chart, round_scale(values)) if has_values else "",
        columns=(chart.axis, *(line.name for line in chart.series)),
        rows=rows if has_values else (),
        legend=_legend(chart) if len(chart.series) > 1 and has_values else (),
    )


def _drawing(chart: LineChart, scale: Scale) -> SafeString:
    return format_html(
        '{}<svg width="100%" height="{}" role="img" aria-label="Line chart: {}">'
        '{}{}<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none"'
        ' overflow="visible">{}</svg>{}{}</svg>',
        _value_axis(scale, chart.wording),
        TOP + PLOT + FOOT,
        chart.title,
        _grid(scale),
        format_html_join("", "{}", ((_mark(chart, mark),) for mark in chart.marks)),
        TOP,
        PLOT,
        WIDTH,
        PLOT,
        format_html_join("", "{}", ((_line(n, s, scale),) for n, s in enumerate(chart.series, 1))),
        format_html_join("", "{}", ((_dots(n, s, scale),) for n, s in enumerate(chart.series, 1))),
        _point_axis(chart.points),
    )


def _height(scale: Scale, value: Number) -> str:
    return f"{(1 - scale.share(value)) * PLOT:.1f}".removesuffix(".0")


def _across(index: int, count: int, width: float = 100) -> float:
    return width / 2 if count == 1 else index * width / (count - 1)


def _percent(index: int, count: int) -> str:
    return f"{_across(index, count):.2f}".rstrip("0").rstrip(".") + "%"


def _anchor(index: int, count: int) -> str:
    place = _across(index, count)
    return "start" if place < 5 else "end" if place > 95 else "middle"


def _value_axis(scale: Scale, wording: Wording) -> SafeString:
    words = scale.tick_words(wording)
    width = round(max(map(len, words)) * CHARACTER + 8)
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" dy="4" text-anchor="end">{}</text>',
        (
            (width - 8, float(_height(scale, tick)) + TOP, word)
            for tick, word in zip(scale.ticks, words, strict=True)
        ),
    )
    return format_html(
        '<svg width="{}" height="{}" aria-hidden="true">{}</svg>', width, TOP + PLOT + FOOT, labels
    )


def _grid(scale: Scale) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"></line>',
        (
            ("chart-base" if tick == 0 else "chart-grid", y, y)
            for tick in scale.ticks
            for y in [float(_height(scale, tick)) + TOP]
        ),
    )


def _mark(chart: LineChart, mark: Mark) -> SafeString:
    count = len(chart.points)
    return format_html(
        '<line class="chart-mark" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"></line>'
        '<text class="chart-mark-label" x="{x}" y="12" text-anchor="{anchor}">{label}</text>',
        x=_percent(mark.index, count),
        top=TOP - 4,
        bottom=TOP + PLOT,
        anchor=_anchor(mark.index, count),
        label=mark.label,
    )


def _line(number: int, series: Series, scale: Scale) -> SafeString:
    count = len(series.values)
    placed = list(enumerate(series.values))
    stretches = (
        " ".join(f"{_across(i, count, WIDTH):.0f},{_height(scale, v)}" for i, v in stretch)
        for known, stretch in groupby(placed, key=lambda pair: pair[1] is not None)
        if known
    )
    return format_html_join(
        "",
        '<polyline class="series s{n} dash{n}" points="{points}"'
        ' vector-effect="non-scaling-stroke"></polyline>',
        ({"n": number, "points": points} for points in stretches),
    )


def _dots(number: int, series: Series, scale: Scale) -> SafeString:
    """A dot per value while there is room; later only where a lone value draws no line."""
    values, count = series.values, len(series.values)
    shown = (
        (number, _percent(index, count), float(_height(scale, value)) + TOP)
        for index, value in enumerate(values)
        if value is not None and (count <= MOST_DOTS or _is_alone(values, index))
    )
    return format_html_join("", '<circle class="dot f{}" cx="{}" cy="{}" r="3.5"></circle>', shown)


def _is_alone(values: tuple[Number | None, ...], index: int) -> bool:
    around = values[max(0, index - 1) : index] + values[index + 1 : index + 2]
    return all(value is None for value in around)


def _point_axis(points: tuple[str, ...]) -> SafeString:
    most = 5 if max(map(len, points)) <= 6 else 4
    step = max(1, -(-(len(points) - 1) // (most - 1)))
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (_percent(index, len(points)), TOP + PLOT + 18, _anchor(index, len(points)), point)
            for index, point in enumerate(points)
            if index % step == 0
        ),
    )


def _legend(chart: LineChart) -> tuple[tuple[SafeString, str], ...]:
    return tuple(
        (
            format_html(
                '<svg width="28" height="10" aria-hidden="true">'
                '<line class="series s{n} dash{n}" x1="2" x2="26" y1="5" y2="5"></line></svg>',
                n=number,
            ),
            series.name,
        )
        for number, series in enumerate(chart.series, 1)
    )
