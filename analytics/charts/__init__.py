"""Charts as SVG text, drawn on the server: no script, no inline style, both colour schemes.

Colours and fonts come from ``static/css/components/charts.css`` by class. Positions are
attributes: x in percent of the width, y in pixels, so that text keeps its size on a phone.
"""

from analytics.charts.bars import Bar, BarChart, bar_chart
from analytics.charts.figure import Figure
from analytics.charts.funnel import FunnelRow, FunnelStep, funnel
from analytics.charts.line import LineChart, Mark, Series, line_chart
from analytics.charts.sparkline import sparkline

__all__ = [
    "Bar",
    "BarChart",
    "Figure",
    "FunnelRow",
    "FunnelStep",
    "LineChart",
    "Mark",
    "Series",
    "bar_chart",
    "funnel",
    "line_chart",
    "sparkline",
]
