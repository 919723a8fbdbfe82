"""The fact about the time of year: true or false for everybody at once."""

import calendar
import datetime as dt

from django.db.models import Q

from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import EVERYBODY, NOBODY
from customers.criteria.values import any_of, list_schema, one_or_more, whole_number

MONTHS_AHEAD = 12


def _month(shop, now: dt.datetime) -> int:
    return now.astimezone(shop.zone).month


def _q(months: tuple[int, ...], *, shop, now: dt.datetime) -> Q:
    return EVERYBODY if _month(shop, now) in months else NOBODY


def _turns(months, customer, *, now: dt.datetime) -> list[dt.datetime]:
    """The first midnight of each of the next months, where the shop is."""
    zone = customer.shop.zone
    on, found = now.astimezone(zone).date().replace(day=1), []
    for _ in range(MONTHS_AHEAD):
        on = (on + dt.timedelta(days=31)).replace(day=1)
        found.append(dt.datetime.combine(on, dt.time(), tzinfo=zone).astimezone(dt.UTC))
    return found


register_fact(
    Fact(
        name="sent_in_month",
        group="Time",
        description="The month in which it is asked, 1 to 12, where the shop is: for a message, "
        "the month in which it is sent. True for everybody, or for nobody.",
        parse=one_or_more(lambda raw, path: whole_number(raw, path, least=1, most=12)),
        q=_q,
        sentence=lambda months: (
            f"when it is sent in {any_of(calendar.month_name[month] for month in months)}"
        ),
        found=lambda months, customer, *, now: calendar.month_name[_month(customer.shop, now)],
        turns=_turns,
        schema=list_schema({"type": "integer", "minimum": 1, "maximum": 12}),
        example=[6, 7],
    )
)
