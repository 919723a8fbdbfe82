"""What this floor teaches the criteria language: who received, opened, clicked or answered what.

Counted are messages, each once, that went out for a campaign. Opens and clicks by machines have
their own times on the message and never count; nor do tests, which are no campaign's.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from barbershop.whole_numbers import LARGEST
from campaigns.models import CampaignDefinition, CampaignExecution
from communications.models import CustomerCommunication, Dispatch
from customers.channels import Channel
from customers.criteria import CriteriaError, Fact, register_fact
from customers.criteria.counts import more_than
from customers.criteria.named import Names, row_id
from customers.criteria.values import (
    any_of,
    channel_word,
    fields,
    list_schema,
    number,
    one_or_more,
    word_of,
)
from customers.criteria.view import View
from customers.criteria.windows import MOST_DAYS, ago, in_window, says_window, window_turns

MOST_TIMES = 1000
MOST_NAMED = 5000
LIKE = '{"campaign": 12, "times": 2, "days": 90}'
# The moment that counts, by the fact's name.
MOMENTS = {
    "received": "delivered_at",
    "opened": "opened_at",
    "clicked": "clicked_at",
    "replied": "replied_at",
}
VERBS = {
    "received": "received",
    "opened": "opened",
    "clicked": "clicked in",
    "replied": "answered",
}


@dataclass(frozen=True)
class Engaged:
    """So many messages at least; of any campaign and channel unless they are named."""

    times: int = 1
    campaign: tuple[int, ...] = ()
    days: int | None = None
    channel: tuple[str, ...] = ()


def _parse(raw, path: str) -> Engaged:
    readers = {
        "campaign": one_or_more(row_id),
        "times": number(least=1, most=MOST_TIMES),
        "days": number(least=1, most=MOST_DAYS),
        "channel": one_or_more(word_of(Channel.values)),
    }
    return Engaged(**fields(raw, path, readers, like=LIKE))


def _messages(value: Engaged, *, shop):
    """Messages to customers by campaigns of the shop, never tests."""
    runs = CampaignExecution.objects.for_shop(shop).exclude(dispatch__kind=Dispatch.Kind.TEST)
    runs = runs.order_by("dispatch")
    if value.campaign:
        runs = runs.filter(definition__in=value.campaign)
    # Named one by one: with the runs joined in, PostgreSQL without statistics was seen to go
    # through all messages for each customer. Of very many runs a list would be too long.
    dispatches = list(runs.values_list("dispatch", flat=True)[: MOST_NAMED + 1])
    if len(dispatches) > MOST_NAMED:
        dispatches = runs.values("dispatch")
    found = CustomerCommunication.objects.filter(customer__isnull=False, dispatch__in=dispatches)
    return found.filter(channel__in=value.channel) if value.channel else found


def _q(field: str) -> Callable:
    def ask(value: Engaged, view: View) -> Q:
        rows = _messages(value, shop=view.shop)
        rows = rows.filter(**in_window(field, value.days, now=view.now))
        return more_than(rows, value.times - 1)

    return ask


def _found(name: str, field: str) -> Callable:
    def found(value: Engaged, customer, *, now) -> str:
        rows = _messages(value, shop=customer.shop).filter(customer=customer)
        rows = rows.filter(**in_window(field, value.days, now=now))
        times = sorted(rows.values_list(field, flat=True))
        if not times:
            return f"{name} nothing{says_window(value.days)}"
        messages = "1 message" if len(times) == 1 else f"{len(times):,} messages"
        return f"{name} {messages}{says_window(value.days)}, the last {ago(times[-1], now=now)}"

    return found


def _turns(field: str) -> Callable:
    def turns(value: Engaged, customer, *, now) -> list[dt.datetime]:
        rows = _messages(value, shop=customer.shop).filter(customer=customer)
        times = rows.filter(**{f"{field}__isnull": False}).values_list(field, flat=True)
        return window_turns(times, value.days)

    return turns


def _check(value: Engaged, path: str, *, shop, segment) -> None:
    known = set(
        CampaignDefinition.objects.for_shop(shop)
        .filter(pk__in=value.campaign)
        .values_list("pk", flat=True)
    )
    for index, pk in enumerate(value.campaign):
        if pk not in known:
            where = f"{path}.campaign.{index}" if len(value.campaign) > 1 else f"{path}.campaign"
            raise CriteriaError(where, f"There is no campaign {pk} in this shop.")


def _sentence(name: str) -> Callable[[Engaged, Names], str]:
    verb = VERBS[name]

    def sentence(value: Engaged, names: Names) -> str:
        kind = f"{any_of(map(channel_word, value.channel))} " if value.channel else ""
        if value.times > 1:
            said = f"who {verb} at least {value.times:,} {kind}messages"
        else:
            said = f"who {verb} any {kind}message"
        if value.campaign:
            campaigns = names.any_of(CampaignDefinition, value.campaign, quoted=True)
            said += f" of campaign {campaigns}"
        return said + says_window(value.days)

    return sentence


def _schema() -> dict:
    return {
        "type": "object",
        "properties": {
            "campaign": list_schema({"type": "integer", "minimum": 1, "maximum": LARGEST}),
            "times": {"type": "integer", "minimum": 1, "maximum": MOST_TIMES, "default": 1},
            "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
            "channel": list_schema({"enum": Channel.values}),
        },
        "additionalProperties": False,
    }


_DESCRIPTIONS = {
    "received": "Messages of campaigns that were reported delivered",
    "opened": "Messages of campaigns that he opened",
    "clicked": "Messages of campaigns in which he clicked a link",
    "replied": "Messages of campaigns that he answered",
}


def register() -> None:
    for name, field in MOMENTS.items():
        register_fact(
            Fact(
                name=name,
                group="Engagement",
                description=f"{_DESCRIPTIONS[name]}: at least `times` (1), of any `campaign` or "
                'these ids, in the last so many `days`; never is "not". Machines and tests do not '
                "count.",
                parse=_parse,
                q=_q(field),
                sentence=_sentence(name),
                found=_found(name, field),
                turns=_turns(field),
                check=_check,
                schema=_schema(),
                example={"times": 2, "days": 90},
            )
        )
