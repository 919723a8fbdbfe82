"""Forecast, ledger and explanation of the same people at the same moment, held side by side."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from analytics import explainer
from benchmarks.explaining import made
from benchmarks.explaining.world import World
from campaigns import execution, materialising, verdicts, waterfall
from campaigns.models import CampaignDefinition, CampaignResponse
from campaigns.refusals import Refused
from campaigns.waterfall import Waterfall
from communications.models import CustomerCommunication
from customers.models import Customer

Rows = dict[str, tuple]  # by channel: reason, not before, arm, variation


@dataclass
class Frozen:
    """One campaign and what its run wrote; ``run`` is None where nobody matched."""

    definition: CampaignDefinition
    now: dt.datetime
    forecast: Waterfall
    fact: Waterfall | None
    held_out: dict[int, bool] = field(default_factory=dict)
    rows: dict[int, Rows] = field(default_factory=dict)


def freeze(definition: CampaignDefinition, *, now: dt.datetime) -> Frozen:
    """Foresee the campaign, then write its audience and its messages, all at the same moment."""
    forecast = waterfall.forecast(definition, now=now)
    try:
        run = execution.start(definition, now=now)
    except Refused as refused:
        if refused.code != "empty_audience":
            raise
        return Frozen(definition, now, forecast, None)
    materialising.run(run.pk, now=now)
    made.block_others(run.dispatch, now=now)
    frozen = Frozen(definition, now, forecast, waterfall.fact(run, now=now))
    responses = CampaignResponse.objects.filter(execution=run)
    frozen.held_out = dict(responses.values_list("customer", "is_holdout"))
    ledger = CustomerCommunication.objects.filter(dispatch=run.dispatch_id).values_list(
        "customer",
        "channel",
        "reason",
        "not_before",
        "content__variant_label",
        "content__variation",
    )
    for customer, channel, reason, not_before, *words in ledger:
        waits = None if reason else not_before
        frozen.rows.setdefault(customer, {})[channel] = (reason, waits, *words)
    return frozen


def buckets(found: Waterfall | None) -> tuple:
    """What forecast and fact must have in common: all but the money, which is not spent yet."""
    if found is None:
        return (0, 0, ())
    channels = tuple((c.channel, c.considered, c.blocked, c.now, c.later) for c in found.channels)
    if not any(channel[1] for channel in channels):
        channels = ()
    return found.matched, found.held_out, channels, found.next_at


def disagreements(frozen: Frozen, people: list[Customer], *, at_once: int = 1) -> Iterator[str]:
    """Every customer of whom the explainer says something else than the ledger.

    Args:
        at_once: how many verdicts are asked for together; the rules are looked at one by one.
    """
    definition, now = frozen.definition, frozen.now
    answers = {}
    for start in range(0, len(people), at_once):
        answers |= verdicts.of_many(definition, people[start : start + at_once], now=now)
    for customer in people:
        answer = answers[customer.pk]
        name = f"{definition} ({definition.pk}), customer {customer.pk}, {now}"
        expected = _outcome(frozen, customer.pk)
        if (said := _said(answer)) != expected:
            yield f"{name}: explained {said}, in the ledger {expected}"
        elif isinstance(expected, dict):
            for each in answer.channels:
                if each.has_row and (first := _first(frozen, customer, each)) != each.reason:
                    yield f"{name}: by {each.channel} the first rule says {first!r}, the ledger "
                    yield f"    {each.reason!r}"


def _outcome(frozen: Frozen, pk: int) -> str | Rows:
    if pk not in frozen.held_out:
        return verdicts.NOT_MATCHED
    return verdicts.HELD_OUT if frozen.held_out[pk] else frozen.rows.get(pk, {})


def _said(answer: verdicts.Answer) -> str | Rows:
    if answer.reason in {verdicts.NOT_MATCHED, verdicts.HELD_OUT}:
        return answer.reason
    return {
        str(each.channel): (each.reason, each.not_before, answer.label, answer.words_on(each))
        for each in answer.channels
        if each.has_row
    }


def _first(frozen: Frozen, customer: Customer, answer: verdicts.OnChannel) -> str:
    rules = explainer.rules_of(frozen.definition, customer, answer, now=frozen.now)
    return next((rule.reason for rule in rules if not rule.passes), "")


def moments(world: World) -> list[dt.datetime]:
    """One for each campaign."""
    return [world.moment() for _ in world.campaigns]
