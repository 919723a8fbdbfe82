"""The performance page in words and drawings, made from the one dataclass of its figures."""

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format

from analytics import metrics
from analytics.home import Kpi, times
from analytics.performance import Performance
from barbershop.charts import FunnelStep, LineChart, Series, funnel, line_chart
from barbershop.templatetags.ui import MINUS, NOTHING, counted, money, percent
from campaigns.outcomes import reason_label
from customers.channels import Channel


@dataclass(frozen=True)
class ReasonRow:
    label: str
    number: int
    href: str


@dataclass(frozen=True)
class ChannelRow:
    """One channel's figures, already in words; ``name`` for its links."""

    name: str
    label: str
    targeted: int
    sent: int
    delivered: int
    delivery: str
    clicked: int
    click: str
    booked: int
    revenue: str
    cost: str
    cost_per_booking: str


def rows_of(found: Performance, **query) -> str:
    """The address of the rows behind a number."""
    return f"{reverse('campaign-recipients', args=[found.campaign])}?{urlencode(query)}"


def attribution(found: Performance) -> str:
    """The rule by which a booking is credited, in one sentence."""
    rule = found.attribution
    return (
        f"A booking counts for the last message that was clicked within {rule.window_days} days "
        f"before it, else for the last one delivered within {rule.delivery_window_days} days. "
        "Each booking counts once."
    )


def steps(found: Performance):
    """The funnel, each step with its own denominator and a link to its people."""
    n, href = found.totals, partial(rows_of, found)
    return funnel(
        [
            FunnelStep(
                "Targeted",
                n.targeted,
                href=href(outcome=""),
                note=f"Messages, to {counted(n.people)} people." if n.people else "",
            ),
            FunnelStep("Sent", n.sent, "", n.targeted, "targeted", href(outcome="sent")),
            FunnelStep("Delivered", n.delivered, "", n.sent, "sent", href(outcome="delivered")),
            FunnelStep(
                "Opened",
                n.opened,
                "",
                _emails(found),
                "delivered emails",
                href(outcome="opened"),
                note=_machines(n.machine_opened, "open"),
                estimated=True,
            ),
            FunnelStep(
                "Clicked",
                n.clicked,
                "",
                n.delivered,
                "delivered",
                href(outcome="clicked"),
                note=_machines(n.machine_clicked, "click"),
            ),
            FunnelStep(
                "Booked", n.converted, "", n.reached, "people reached", href(outcome="booked")
            ),
            FunnelStep(
                "Revenue",
                value=money(n.revenue, found.currency),
                href=href(outcome="booked"),
                note=attribution(found),
            ),
        ]
    )


def over_time(found: Performance):
    """Five lines over hours or days of the shop."""
    points = found.series
    names = {
        "sent": "Sent",
        "delivered": "Delivered",
        "opened": "Opened",
        "clicked": "Clicked",
        "converted": "Booked",
    }
    unit = found.bucket or "hour"
    return line_chart(
        LineChart(
            title="Over time",
            summary=f"Per {unit}, times in {found.timezone}."
            if points
            else "Nothing happened yet.",
            axis=unit.capitalize(),
            points=tuple(_moments(points, unit)),
            series=tuple(
                Series(label, tuple(getattr(point, name) for point in points))
                for name, label in names.items()
            ),
        )
    )


def channels(found: Performance) -> list[ChannelRow]:
    """The channels that have messages."""
    return [
        ChannelRow(
            name=name,
            label=Channel(name).label,
            targeted=n.targeted,
            sent=n.sent,
            delivered=n.delivered,
            delivery=percent(n.rates.delivery),
            clicked=n.clicked,
            click=percent(n.rates.click),
            booked=n.converted,
            revenue=money(n.revenue, found.currency),
            cost=money(n.cost, found.currency),
            cost_per_booking=_per_booking(n, found.currency),
        )
        for name, n in found.channels.items()
        if n.targeted
    ]


def not_sent(found: Performance) -> list[ReasonRow]:
    """Everything that did not go out, by reason, with a link to those people."""
    rows = [
        ReasonRow(
            f"{word}: {reason_label(reason)}",
            number,
            rows_of(found, outcome=outcome, reason=reason),
        )
        for word, outcome, reasons in (
            ("Blocked", "blocked", found.blocked_by_reason),
            ("Rejected by the provider", "rejected", found.rejected_by_reason),
        )
        for reason, number in reasons.items()
    ]
    for outcome, label, number in (
        ("unknown", "Not known: the provider's answer was lost", found.totals.unknown),
        ("cancelled", "Cancelled before it was sent", found.totals.cancelled),
        ("bounced", "Sent, but bounced", found.totals.bounced),
    ):
        if number:
            rows.append(ReasonRow(label, number, rows_of(found, outcome=outcome)))
    return rows


def rates(found: Performance) -> list[Kpi]:
    """Every rate with its formula and what it is divided by, and the money."""
    n, currency = found.totals, found.currency
    shares = [
        ("Delivery rate", "delivery", metrics.delivery_rate, "delivered", n.sent),
        ("Open rate (estimated)", "open", metrics.open_rate, "opened", _emails(found)),
        ("Click rate", "click", metrics.click_rate, "clicked", n.delivered),
        ("Engagement rate", "engagement", metrics.engagement_rate, "engaged", n.delivered),
        ("Conversion rate", "conversion", metrics.conversion_rate, "booked", n.engaged),
        ("Booking rate", "booking", metrics.booking_rate, "booked", n.reached),
        ("Reply rate", "reply", metrics.reply_rate, "replied", n.delivered),
        ("Opt-out rate", "unsubscribe", metrics.unsubscribe_rate, "unsubscribed", n.delivered),
        ("Bounce rate", "bounce", metrics.bounce_rate, "bounced", n.sent),
        ("Complaint rate", "complaint", metrics.complaint_rate, "complained", n.delivered),
    ]
    cards = [
        _rate(label, name, getattr(found.rates, name), formula, rows_of(found, outcome=rows), whole)
        for label, name, formula, rows, whole in shares
    ]
    return [
        *cards,
        Kpi(
            label="Cost",
            value=money(n.cost, currency),
            href=rows_of(found, outcome="sent"),
            formula="Price of every accepted message, by the shop's price list, and what redeemed "
            "codes took off.",
            aside=f"{money(n.discounts, currency)} of it discounts" if n.discounts else "",
            help_id="help-cost",
        ),
        Kpi(
            label="Return on cost",
            value="" if n.roi is None else times(n.roi),
            href=rows_of(found, outcome="booked"),
            formula=f"(Revenue {MINUS} cost) ÷ cost.",
            denominator=money(n.cost, currency),
            note="It has cost nothing yet",
            help_id="help-roi",
        ),
    ]


def _rate(label, name, value, formula, href, whole) -> Kpi:
    """The formula stands in the docstring of the function that computes it."""
    return Kpi(
        label=label,
        value="" if value is None else percent(value),
        href=href,
        formula=" ".join((formula.__doc__ or "").split()),
        denominator=counted(whole),
        note="Nothing to divide by yet",
        help_id=f"help-{name}",
    )


def _emails(found: Performance) -> int:
    """Delivered emails: the only messages of which an opening can be seen."""
    return found.channels[Channel.EMAIL].delivered


def _machines(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what} by a mail scanner is left out."
    return f"{counted(number)} {what}s by mail scanners are left out." if number else ""


def _per_booking(n, currency: str) -> str:
    if not n.converted:
        return NOTHING
    cost = round(n.cost / n.converted)
    return money(cost, currency) if cost or not n.cost else f"under {money(1, currency)}"


def _moments(points, unit: str):
    one_day = len({point.at.date() for point in points}) <= 1
    pattern = "j M" if unit == "day" else "H:i" if one_day else "j M H:i"
    return [date_format(point.at, pattern) for point in points]
