from xml.etree import ElementTree

import pytest

from barbershop.charts import (
    Bar,
    BarChart,
    FunnelStep,
    LineChart,
    Mark,
    Series,
    bar_chart,
    funnel,
    line_chart,
    sparkline,
)
from barbershop.charts.scale import round_scale
from barbershop.templatetags.ui import money


def parsed(drawing):
    """The drawing as a tree: what does not parse would not be drawn either."""
    return ElementTree.fromstring(f"<div>{drawing}</div>")  # noqa: S314 - our own text


def texts(drawing):
    return [node.text for node in parsed(drawing).iter("text")]


def chart(**changes):
    plan = {
        "title": "Clicks",
        "summary": "Most came on Tuesday.",
        "axis": "Day",
        "points": ("Mon", "Tue", "Wed"),
        "series": (Series("Clicked", (0, 40, 20)),),
    }
    return LineChart(**plan | changes)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 40, 20], (0, 10, 20, 30, 40)),
        ([3], (0, 1, 2, 3)),
        ([1], (0, 1)),
        ([0, 0], (0, 1)),
        ([], (0, 1)),
        ([None, 460], (0, 200, 400, 600)),
        ([-5, 10], (-5, 0, 5, 10)),
        ([0.31], (0, 0.1, 0.2, 0.3, 0.4)),
        ([0.02], (0, 0.005, 0.01, 0.015, 0.02)),
        ([98_765], (0, 50_000, 100_000)),
    ],
)
def test_scale_has_round_steps_that_hold_every_value(values, ticks):
    assert round_scale(values).ticks == ticks


def test_scale_keeps_whole_counts_whole():
    assert {type(tick) for tick in round_scale([12_345]).ticks} == {int}


def test_cents_are_left_out_when_every_tick_is_whole():
    assert round_scale([40_000]).tick_words(money) == ("$0", "$100", "$200", "$300", "$400")
    assert round_scale([100]).tick_words(money) == ("$0.00", "$0.50", "$1.00")


def test_line_chart_places_each_value_on_the_scale():
    drawing = line_chart(chart()).drawing

    line = next(parsed(drawing).iter("polyline"))
    dots = [(dot.get("cx"), dot.get("cy")) for dot in parsed(drawing).iter("circle")]
    assert line.get("points") == "0,180 500,0 1000,90"
    assert dots == [("0%", "202.0"), ("50%", "22.0"), ("100%", "112.0")]


def test_line_chart_labels_both_axes():
    assert texts(line_chart(chart()).drawing) == ["0", "10", "20", "30", "40", "Mon", "Tue", "Wed"]


def test_line_chart_never_crowds_its_points():
    points = tuple(f"{day} November" for day in range(1, 31))
    many = chart(points=points, series=(Series("Clicked", tuple(range(30))),))

    labels = [text for text in texts(line_chart(many).drawing) if "November" in text]

    assert labels == ["1 November", "11 November", "21 November"]


def test_line_chart_breaks_at_a_gap_and_still_shows_a_lone_value():
    values = (1, 2, None, 4, *(None for _ in range(36)))
    points = tuple(str(number) for number in range(40))

    tree = parsed(line_chart(chart(points=points, series=(Series("Clicked", values),))).drawing)

    assert [len(line.get("points").split()) for line in tree.iter("polyline")] == [2, 1]
    assert [dot.get("cx") for dot in tree.iter("circle")] == ["7.69%"]


def test_line_chart_of_one_point_stands_in_the_middle():
    single = chart(points=("Mon",), series=(Series("Clicked", (7,)),))

    assert next(parsed(line_chart(single).drawing).iter("circle")).get("cx") == "50%"


def test_line_chart_marks_a_moment():
    tree = parsed(line_chart(chart(marks=(Mark(1, "Sent 10:00"),))).drawing)

    label = next(node for node in tree.iter("text") if node.text == "Sent 10:00")
    assert (label.get("x"), label.get("text-anchor")) == ("50%", "middle")


def test_line_chart_tells_series_apart_by_dash_as_well_as_colour():
    figure = line_chart(
        chart(series=(Series("Opened", (1, 2, 3)), Series("Clicked", (0, 1, None))))
    )

    lines = [line.get("class") for line in parsed(figure.drawing).iter("polyline")]
    assert lines == ["series s1 dash1", "series s2 dash2"]
    assert [name for _, name in figure.legend] == ["Opened", "Clicked"]


def test_line_chart_comes_with_its_numbers_as_a_table():
    figure = line_chart(chart(wording=money, series=(Series("Revenue", (0, 4_000, None)),)))

    assert figure.columns == ("Day", "Revenue")
    assert figure.rows == (("Mon", ("$0.00",)), ("Tue", ("$40.00",)), ("Wed", ("\u2013",)))


def test_line_chart_without_a_value_draws_nothing():
    figure = line_chart(chart(series=(Series("Clicked", (None, None, None)),)))

    assert (figure.drawing, figure.rows, figure.legend) == ("", (), ())
    assert figure.summary == "Most came on Tuesday."


def test_line_chart_refuses_series_that_do_not_fit_its_points():
    with pytest.raises(ValueError, match="Clicked: one value"):
        chart(series=(Series("Clicked", (1, 2)),))


def test_line_chart_refuses_more_series_than_can_be_told_apart():
    with pytest.raises(ValueError, match="at most 5"):
        chart(series=tuple(Series(str(number), (1, 2, 3)) for number in range(6)))


def test_charts_escape_what_owners_typed():
    evil = '"><script>alert(1)</script>'
    drawings = [
        line_chart(chart(title=evil, points=(evil,) * 3, marks=(Mark(0, evil),))).drawing,
        bar_chart(BarChart(evil, "", "Link", "Clicks", (Bar(evil, 3),))).drawing,
    ]

    assert [list(parsed(drawing).iter("script")) for drawing in drawings] == [[], []]
    assert [evil in texts(drawing) for drawing in drawings] == [True, True]


def test_charts_need_neither_inline_style_nor_script():
    drawings = (
        line_chart(chart()).drawing
        + bar_chart(BarChart("Links", "", "Link", "Clicks", (Bar("Book", 3),))).drawing
        + sparkline((1, 2))
    )

    assert [node for node in parsed(drawings).iter() if node.get("style")] == []
    assert list(parsed(drawings).iter("script")) == []


def test_month_by_day_stays_under_ten_kilobytes():
    points = tuple(f"{day} Nov" for day in range(1, 31))
    lines = tuple(Series(name, tuple(range(30))) for name in ("Sent", "Opened", "Clicked"))

    assert len(line_chart(chart(points=points, series=lines)).drawing) < 10_000


def test_bar_chart_draws_shares_of_the_longest_bar():
    figure = bar_chart(
        BarChart(
            title="Blocked, by reason",
            summary="",
            axis="Reason",
            measure="People",
            bars=(Bar("No consent", 60), Bar("Frequency cap", 15), Bar("Quiet hours", None)),
        )
    )

    bars = [node for node in parsed(figure.drawing).iter("rect") if node.get("class") == "f1"]
    assert [node.get("width") for node in bars] == ["100%", "25%", "0%"]
    assert figure.rows == (
        ("No consent", ("60",)),
        ("Frequency cap", ("15",)),
        ("Quiet hours", ("\u2013",)),
    )


def test_bar_chart_survives_nothing_but_zeros():
    drawing = bar_chart(BarChart("Links", "", "Link", "Clicks", (Bar("Book", 0),))).drawing

    assert [node.get("width") for node in parsed(drawing).iter("rect")] == ["100%", "0%"]


def test_bar_chart_without_a_value_draws_nothing():
    assert bar_chart(BarChart("Links", "", "Link", "Clicks", (Bar("Book", None),))).drawing == ""


def test_sparkline_runs_from_edge_to_edge():
    line = next(parsed(sparkline((0, 2, 4))).iter("polyline"))

    assert line.get("points") == "0,29 50,16 100,3"


@pytest.mark.parametrize("values", [(), (5,)])
def test_sparkline_needs_two_values(values):
    assert sparkline(values) == ""


def test_funnel_words_each_rate_with_its_own_denominator():
    rows = funnel(
        [
            FunnelStep("Targeted", count=500),
            FunnelStep("Sent", count=400, base=500, base_name="targeted", note="100 blocked"),
            FunnelStep("Clicked", count=0, base=0, base_name="delivered"),
            FunnelStep("Revenue", value="$10.00"),
        ]
    )

    assert [(row.value, row.note) for row in rows] == [
        ("500", ""),
        ("400", "80.0\u00a0% of targeted · 100 blocked"),
        ("0", "\u2013 of delivered"),
        ("$10.00", ""),
    ]


def test_funnel_draws_counts_but_not_money():
    rows = funnel([FunnelStep("Targeted", count=500), FunnelStep("Revenue", value="$10.00")])

    assert [bool(row.bar) for row in rows] == [True, False]
