"""Complaints, bounces and opt-outs: when they are an alert, and when they stop the sending.

A shop's marketing messages that providers took within ``WINDOW`` are counted, per channel. Gmail
and Yahoo ask bulk senders to stay below 0.1 % complaints and never to reach 0.3 %; the lines for
bounces and for texts' opt-outs are customary ones. Too few messages or people prove nothing: two
complaints stop nobody. But a tenth of a small list is plain where some people said it.

A stop pauses the shop's marketing emails until a person has read why and resumes. What he has read
does not stop them again: from then on only messages that went out after it count, or a figure that
has become half as high again as the one he read.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from barbershop import audit
from barbershop.models import AuditEntry, Barbershop
from communications import outbox
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    MessageContent,
)
from customers.channels import Channel

logger = logging.getLogger(__name__)

WINDOW = dt.timedelta(days=7)
PER = 100_000  # the unit of the lines below: 100 are 0.1 %
PLAIN = 10_000  # a share that is above every line, however few the messages
STOPPED, READ = "reputation.stop", "reputation.read"
Cause = Dispatch.PauseCause


@dataclass(frozen=True)
class Rule:
    """Lines for one kind of bad sign, in messages per ``PER``.

    Attributes:
        signs: the column of ``_figures`` that counts them, ``of`` the one they are a share of.
        fewest: of how many messages on the share says anything.
        alert_from, stop_from: how many signs it takes at least.
        plain_from: how many of them are plain when they are ``PLAIN`` of fewer messages.
        stop: None never stops.
    """

    channel: str
    signs: str
    of: str
    alert: int
    stop: int | None
    fewest: int
    alert_from: int
    stop_from: int
    plain_from: int
    words: str

    def warns(self, signs: int, total: int) -> bool:
        enough = total >= self.fewest and signs >= self.alert_from
        return (enough and signs * PER >= self.alert * total) or self._is_plain(signs, total)

    def stops(self, signs: int, total: int) -> bool:
        if self.stop is None:
            return False
        enough = total >= self.fewest and signs >= self.stop_from
        return (enough and signs * PER >= self.stop * total) or self._is_plain(signs, total)

    def _is_plain(self, signs: int, total: int) -> bool:
        return total > 0 and signs >= self.plain_from and signs * PER >= PLAIN * total


RULES = (
    Rule(Channel.EMAIL, "complaints", "delivered", 100, 300, 100, 2, 3, 5, "were reported as spam"),
    Rule(Channel.EMAIL, "bounces", "accepted", 2_000, 5_000, 200, 4, 10, 20, "bounced"),
    Rule(
        Channel.SMS,
        "opt_outs",
        "accepted",
        2_000,
        None,
        200,
        4,
        0,
        20,
        "were answered by opting out",
    ),
)
CALLED = {Channel.EMAIL: "emails", Channel.SMS: "texts"}


@dataclass(frozen=True)
class Standing:
    """One shop by one rule: at or above the line of the alert.

    Attributes:
        total: messages within the window; ``signs`` of them bad.
        is_stop: marketing emails of the shop must not go on.
        read: the audit entry of the last person who resumed after a stop, None without one.
    """

    shop_id: int
    rule: Rule
    signs: int
    total: int
    is_stop: bool = False
    read: int | None = None

    def in_words(self) -> str:
        share = f"{100 * self.signs / self.total:.2f} %"
        return (
            f"{share} of the marketing {CALLED[self.rule.channel]} of the last {WINDOW.days} days "
            f"{self.rule.words} ({self.signs:,} of {self.total:,}); {self._line()}."
        )

    def _line(self) -> str:
        if self.rule.stop is None:
            return f"{_percent(self.rule.alert)} is a warning"
        return f"at {_percent(self.rule.stop)} sending stops"


def enforce(*, now: dt.datetime | None = None) -> list[Standing]:
    """Look at every shop, and pause the marketing emails of those that must not go on.

    Returns:
        What is worth an alert, of all shops.
    """
    now = now or timezone.now()
    found = standings(now=now)
    for standing in found:
        if standing.is_stop:
            _stop(standing, now=now)
    return found


def hold(dispatch: Dispatch, *, now: dt.datetime | None = None) -> bool:
    """Pause a dispatch that has its contents and no messages yet, while its shop is stopped."""
    now = now or timezone.now()
    if not _emails().filter(pk=dispatch.pk).exists():
        return False
    for standing in standings(shop=dispatch.shop, now=now):
        if standing.is_stop and outbox.pause(
            dispatch, reason=standing.in_words(), cause=Cause.REPUTATION
        ):
            return True
    return False


def note_read(dispatch: Dispatch, *, by=None, token=None, now: dt.datetime | None = None) -> None:
    """A person resumes after a stop: keep which figures he saw. In the resume's transaction."""
    now = now or timezone.now()
    seen = {
        each.rule.signs: [each.signs, each.total] for each in standings(shop=dispatch.shop, now=now)
    }
    audit.record(
        shop=dispatch.shop,
        action=READ,
        by=by,
        token=token,
        target=dispatch,
        after={"figures": seen},
        now=now,
    )


def standings(*, shop: Barbershop | None = None, now: dt.datetime) -> list[Standing]:
    """Everything at or above a line of ``RULES``, of one shop or of all."""
    found = []
    for figures in _figures(since=now - WINDOW, shops=None if shop is None else [shop.pk]):
        for rule in RULES:
            signs, total = figures[rule.signs], figures[rule.of]
            if rule.channel == figures["channel"] and rule.warns(signs, total):
                found.append(Standing(figures["shop_id"], rule, signs, total))
    return _judged(found, now=now)


def _judged(found: list[Standing], *, now: dt.datetime) -> list[Standing]:
    """Say which of them stop, minding what a person has read."""
    read = _last_read({each.shop_id for each in found}, since=now - WINDOW)
    judged = []
    for each in found:
        entry = read.get(each.shop_id)
        stops = each.rule.stops(each.signs, each.total) and (entry is None or _is_news(each, entry))
        judged.append(replace(each, is_stop=stops, read=entry and entry.pk))
    return judged


def _is_news(standing: Standing, entry: AuditEntry) -> bool:
    """Whether the messages since he read are over the line, or the figure has risen by half."""
    rule = standing.rule
    seen = ((entry.detail.after or {}).get("figures") or {}).get(rule.signs)
    if not seen:
        return True
    if 2 * standing.signs * seen[1] >= 3 * seen[0] * standing.total:
        return True
    since = _figures(since=entry.at, shops=[standing.shop_id])
    return any(
        rule.stops(figures[rule.signs], figures[rule.of])
        for figures in since
        if figures["channel"] == rule.channel
    )


def _figures(*, since: dt.datetime, shops: Iterable[int] | None) -> Iterable[dict]:
    """Per shop and channel, of the marketing messages whose call began at ``since`` or later."""
    runs = Dispatch.objects.filter(
        Q(finished_at=None) | Q(finished_at__gte=since), kind=Dispatch.Kind.MARKETING
    )
    if shops is not None:
        runs = runs.filter(shop__in=shops)
    sent = CustomerCommunication.objects.filter(
        dispatch__in=runs,
        send_state=CustomerCommunication.SendState.IN_CALL,
        attempt__state=DeliveryAttempt.State.ACCEPTED,
        attempt__sending_at__gte=since,
    )
    complained, arrived = Q(complained_at__isnull=False), Q(delivered_at__isnull=False)
    return (
        sent.order_by()
        .values("shop_id", "channel")
        .annotate(
            accepted=Count("pk"),
            delivered=Count("pk", filter=arrived | complained),
            complaints=Count("pk", filter=complained),
            bounces=Count("pk", filter=Q(delivery=CustomerCommunication.Delivery.BOUNCED)),
            opt_outs=Count("pk", filter=Q(unsubscribed_at__isnull=False)),
        )
    )


def _last_read(shops: set[int], *, since: dt.datetime) -> dict[int, AuditEntry]:
    entries = AuditEntry.objects.filter(shop__in=shops, action=READ, at__gte=since)
    return {entry.shop_id: entry for entry in entries.select_related("detail").order_by("pk")}


def _stop(standing: Standing, *, now: dt.datetime) -> None:
    for dispatch in _emails().filter(shop=standing.shop_id).select_related("shop"):
        with transaction.atomic():
            if not outbox.pause(dispatch, reason=standing.in_words(), cause=Cause.REPUTATION):
                continue
            # The pause has waited for whoever resumed in this moment: he has read these figures.
            read = _last_read({standing.shop_id}, since=now - WINDOW).get(standing.shop_id)
            if (read and read.pk) != standing.read:
                transaction.set_rollback(True)
                continue
            audit.record(
                shop=dispatch.shop,
                action=STOPPED,
                target=dispatch,
                after={"reason": standing.in_words()},
                now=now,
            )
        logger.warning("Dispatch %s was stopped: %s", dispatch.pk, standing.in_words())


def _emails() -> QuerySet[Dispatch]:
    """Runs of marketing emails that send, or soon will."""
    return Dispatch.objects.filter(
        Exists(MessageContent.objects.filter(dispatch=OuterRef("pk"), channel=Channel.EMAIL)),
        kind=Dispatch.Kind.MARKETING,
        state__in=[Dispatch.State.PREPARING, Dispatch.State.RUNNING],
    )


def _percent(line: int) -> str:
    return f"{100 * line / PER:g} %"
