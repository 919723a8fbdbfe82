"""Charts as SVG text, drawn on the server: no script, no inline style, both colour schemes.

Colours and fonts come from ``static/css/components/charts.css`` by class. Positions are
attributes: x in percent of the width, y in pixels, so that text keeps its size on a phone.
"""

from barbershop.charts.bars import Bar, BarChart, bar_chart
from barbershop.charts.figure import Figure
from barbershop.charts.funnel import FunnelRow, FunnelStep, funnel
from barbershop.charts.line import LineChart, Mark, Series, line_chart
from barbershop.charts.sparkline import sparkline

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
