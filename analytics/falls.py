"""The waterfall of a campaign for people: forecast before the send, fact after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from barbershop.currencies import minor_units
from barbershop.templatetags.ui import bar, counted, moment_text, money
from campaigns import progress, waterfall
from campaigns.models import CampaignDefinition, CampaignExecution
from campaigns.outcomes import reason_label
from campaigns.waterfall import ChannelFall, Waterfall
from customers.channels import Channel

FAILED = {
    "rejected": "Rejected by the provider",
    "unknown": "Not known: the provider's answer was lost",
    "cancelled": "Cancelled before it was sent",
}


@dataclass(frozen=True)
class Falls:
    """``forecast`` until the campaign has been sent, since then ``fact``."""

    forecast: Waterfall | None
    fact: Waterfall | None

    def __iter__(self):
        return iter((self.forecast, self.fact))


@dataclass(frozen=True)
class FallRow:
    """One bar: words, a number, and the rows behind it where there is such a list."""

    label: str
    number: int
    bar: SafeString
    href: str = ""
    is_loss: bool = False


@dataclass(frozen=True)
class FallChart:
    """One channel, or the people before any channel was asked."""

    title: str
    summary: str
    unit: str
    rows: tuple[FallRow, ...]


def of(
    definition: CampaignDefinition,
    *,
    now: dt.datetime,
    execution: CampaignExecution | None = None,
) -> Falls:
    """What the newest run did, or what sending now would do where there is no run.

    Raises:
        campaigns.refusals.Refused, customers.criteria.CriteriaError: of a forecast that cannot
            be made.
    """
    execution = execution or progress.current_execution(definition)
    if execution is None:
        return Falls(waterfall.forecast(definition, now=now), None)
    return Falls(None, waterfall.fact(execution, now=now))


def charts(
    found: Waterfall, *, definition: CampaignDefinition, execution: CampaignExecution | None = None
) -> tuple[FallChart, ...]:
    """The people first, then each channel with bars of one scale; links only to rows that exist."""
    run = execution and str(execution.pk)
    most = max([found.matched, *(channel.considered for channel in found.channels)])
    people = FallChart(
        title="People",
        summary=_of_people(found),
        unit="People",
        rows=tuple(
            _row(label, number, most=most, is_loss=is_loss)
            for label, number, is_loss in _people(found)
        ),
    )
    return (
        people,
        *(
            FallChart(
                title=str(Channel(channel.channel).label),
                summary=_of_channel(found, channel),
                unit="Messages",
                rows=tuple(_rows(found, channel, most=most, definition=definition, run=run)),
            )
            for channel in found.channels
        ),
    )


def lines(found: Waterfall, *, zone: dt.tzinfo) -> list[str]:
    """The same for a terminal, in the shop's time."""
    title = "If it were sent now" if found.kind == "forecast" else "The newest run"
    said = [f"{title}, {moment_text(found.as_of.astimezone(zone))}:"]
    said += [f"  {counted(number):>9}  {label}" for label, number, _ in _people(found)]
    for channel in found.channels:
        said.append(f"{Channel(channel.channel).label}:")
        said += [
            f"  {counted(number):>9}  {label}" for label, number, _, _ in _steps(found, channel)
        ]
    kind = "estimated cost" if found.kind == "forecast" else "cost so far"
    said.append(f"{money(found.cost, found.currency)} {kind}")
    if found.next_at:
        said.append(f"The first of those who wait: {moment_text(found.next_at.astimezone(zone))}")
    return said


def _people(found: Waterfall) -> Iterator[tuple[str, int, bool]]:
    """Label, number, whether it takes away."""
    yield "match", found.matched, False
    yield "held out, to measure the effect", found.held_out, True
    yield "are considered", found.matched - found.held_out, False


def _steps(found: Waterfall, channel: ChannelFall) -> Iterator[tuple[str, int, bool, dict]]:
    """Label, number, whether it takes away, and the filter of the rows behind it."""
    is_fact = found.kind == "fact"
    yield "are considered", channel.considered, False, {"outcome": ""}
    for reason, number in channel.blocked.items():
        yield reason_label(reason), number, True, {"outcome": "blocked", "reason": reason}
    for word, number in channel.failed.items():
        yield FAILED[word], number, True, {"outcome": word}
    yield ("went, or go, at once" if is_fact else "will receive it now"), channel.now, False, {}
    waits = "waited, or wait, for their hours" if is_fact else "will receive it in their hours"
    yield waits, channel.later, False, {}


def _rows(found, channel: ChannelFall, *, most, definition, run) -> Iterator[FallRow]:
    for label, number, is_loss, query in _steps(found, channel):
        href = ""
        if run and query and number:
            words = query | {"channel": channel.channel, "run": run}
            href = f"{reverse('campaign-recipients', args=[definition.pk])}?{urlencode(words)}"
        yield _row(label, number, most=most, href=href, is_loss=is_loss)


def _row(label: str, number: int, *, most: int, href: str = "", is_loss: bool = False) -> FallRow:
    share = bar(number / most if most else 0)
    shown = label[:1].upper() + label[1:]
    return FallRow(shown, number, share, href=href, is_loss=is_loss)


def _of_people(found: Waterfall) -> str:
    if not found.held_out:
        return f"{counted(found.matched)} people match; nobody is held out."
    return (
        f"{counted(found.matched)} people match; {counted(found.held_out)} of them were drawn to "
        "get nothing, before anything else was asked, so that the others can be compared with "
        "them."
    )


def _of_channel(found: Waterfall, channel: ChannelFall) -> str:
    lost = sum(channel.blocked.values()) + sum(channel.failed.values())
    verb = "got or get" if found.kind == "fact" else "will get"
    return (
        f"Of {counted(channel.considered)} considered, {counted(lost)} do not get it and "
        f"{counted(channel.will_receive)} {verb} it, for {_cost(found, channel)}."
    )


def _cost(found: Waterfall, channel: ChannelFall) -> str:
    about = "about " if found.kind == "forecast" else ""
    return about + money(minor_units(channel.cost_micros, found.currency), found.currency)
