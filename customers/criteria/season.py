"""The fact about the time of year: true or false for everybody at once."""

import calendar
import datetime as dt

from django.db.models import Q

from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import EVERYBODY, NOBODY
from customers.criteria.values import any_of, list_schema, one_or_more, whole_number
from customers.criteria.view import View
from customers.criteria.windows import month_of, month_starts


def _q(months: tuple[int, ...], view: View) -> Q:
    return EVERYBODY if month_of(view.now, view.shop) in months else NOBODY


def _turns(months, customer, *, now: dt.datetime) -> list[dt.datetime]:
    return month_starts(now, customer.shop)


register_fact(
    Fact(
        name="sent_in_month",
        group="Time",
        description="The month in which it is asked, 1 to 12, where the shop is: for a message, "
        "the month in which it is sent. True for everybody, or for nobody.",
        parse=one_or_more(lambda raw, path: whole_number(raw, path, least=1, most=12)),
        q=_q,
        sentence=lambda months, names: (
            f"who are written to in {any_of(calendar.month_name[month] for month in months)}"
        ),
        found=lambda months, customer, *, now: calendar.month_name[month_of(now, customer.shop)],
        turns=_turns,
        schema=list_schema({"type": "integer", "minimum": 1, "maximum": 12}),
        example=[6, 7],
    )
)
