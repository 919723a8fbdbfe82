"""Facts about the birthday, in days and months as they pass where the shop is.

Whoever was born on 29 February has his day on 28 February where there is no 29th.
"""

import calendar
import datetime as dt

from django.db.models import Q

from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import NOBODY
from customers.criteria.values import (
    Range,
    any_of,
    boolean,
    list_schema,
    number_range,
    one_or_more,
    range_schema,
    whole_number,
)
from customers.criteria.view import View
from customers.criteria.windows import month_of, month_starts

MOST_DAYS = 365
LEAP_DAY = (2, 29)
Day = tuple[int, int]


def days_until(*, today: dt.date) -> dict[Day, int]:
    """Full days from today until each day of the year is celebrated next; 0 for today's."""
    found: dict[Day, int] = {}
    for ahead in range(MOST_DAYS + 1):
        on = today + dt.timedelta(days=ahead)
        found.setdefault((on.month, on.day), ahead)
        if (on.month, on.day) == (2, 28) and not calendar.isleap(on.year):
            found.setdefault(LEAP_DAY, ahead)
    return found


def _today(shop, now: dt.datetime) -> dt.date:
    return now.astimezone(shop.zone).date()


def _in_range(value: Range, ahead: int | None) -> bool:
    most = MOST_DAYS if value.max is None else value.max
    return ahead is not None and (value.min or 0) <= ahead <= most


def _this_month(value: bool, view: View) -> Q:
    born = Q(birth_month=month_of(view.now, view.shop))
    return born if value else ~born


def _month_turns(value, customer, *, now) -> list[dt.datetime]:
    """When his month begins, and when it is over."""
    shop, month = customer.shop, customer.birth_month
    return [
        at
        for at in month_starts(now, shop)
        if month is not None and month_of(at, shop) in {month, month % 12 + 1}
    ]


def _in_days(value: Range, view: View) -> Q:
    condition = NOBODY
    of_month: dict[int, list[int]] = {}
    for (month, day), ahead in days_until(today=_today(view.shop, view.now)).items():
        if _in_range(value, ahead):
            of_month.setdefault(month, []).append(day)
    for month, days in of_month.items():
        condition |= Q(birth_month=month, birth_day__in=days)
    return condition


def _found(value, customer, *, now) -> str:
    if customer.birth_month is None:
        return "birthday unknown"
    day = (customer.birth_month, customer.birth_day)
    ahead = days_until(today=_today(customer.shop, now)).get(day)
    said = f"{customer.birth_day} {calendar.month_name[customer.birth_month]}"
    if ahead is None:
        return said
    when = {0: "today", 1: "in 1 day"}.get(ahead, f"in {ahead} days")
    return f"{said}, {when}"


def _turns(value: Range, customer, *, now) -> list[dt.datetime]:
    """The midnights on which he comes into the range, or leaves it."""
    if customer.birth_month is None:
        return []
    day, shop = (customer.birth_month, customer.birth_day), customer.shop
    today, found = _today(shop, now), []
    was = None
    for ahead in range(MOST_DAYS + 2):
        on = today + dt.timedelta(days=ahead)
        holds = _in_range(value, days_until(today=on).get(day))
        if was is not None and holds != was:
            found.append(dt.datetime.combine(on, dt.time(), tzinfo=shop.zone).astimezone(dt.UTC))
        was = holds
    return found


def _says_in_days(value: Range, names) -> str:
    if value.min in (None, 0) and value.max is not None:
        return (
            "whose birthday is today"
            if value.max == 0
            else (f"whose birthday is within {Range(value.max, value.max).says('days')[8:]}")
        )
    return f"whose birthday is in {value.says('days')}"


register_fact(
    Fact(
        name="birthday_month",
        group="Person",
        description="Month of birth, 1 to 12.",
        parse=one_or_more(lambda raw, path: whole_number(raw, path, least=1, most=12)),
        q=lambda months, view: Q(birth_month__in=months),
        sentence=lambda months, names: (
            f"whose birthday is in {any_of(calendar.month_name[month] for month in months)}"
        ),
        found=_found,
        schema=list_schema({"type": "integer", "minimum": 1, "maximum": 12}),
        example=[6, 7],
    )
)
register_fact(
    Fact(
        name="birthday_this_month",
        group="Person",
        description="Whether the month of birth is the current month where the shop is; whoever "
        "gave no birthday has none this month.",
        parse=boolean,
        q=_this_month,
        sentence=lambda value, names: f"whose birthday is {'' if value else 'not '}this month",
        found=_found,
        turns=_month_turns,
        schema={"type": "boolean"},
        example=True,
    )
)
register_fact(
    Fact(
        name="birthday_in_days",
        group="Person",
        description="Days until the next birthday where the shop is, 0 on the day itself; born on "
        "29 February means 28 February in other years.",
        parse=number_range(most=MOST_DAYS),
        q=_in_days,
        sentence=_says_in_days,
        found=_found,
        turns=_turns,
        schema=range_schema(most=MOST_DAYS),
        example={"max": 7},
    )
)
