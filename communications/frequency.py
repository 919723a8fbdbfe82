"""How many marketing messages somebody has had lately, and whether one more is too many.

Counted by address, over all shops of an organisation: a family shares a phone, a franchise a
customer. A message counts from the moment its call began, also while nobody knows what became of
it. Reminders and tests do not count.
"""

import datetime as dt
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from barbershop.any_of import AnyOf
from barbershop.models import Barbershop
from communications import state_rules
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from customers.channels import Channel

BEGUN = frozenset(
    {DeliveryAttempt.State.SENDING, DeliveryAttempt.State.ACCEPTED, DeliveryAttempt.State.UNKNOWN}
)
Calls = dict[int, dt.datetime]  # when each began
Row = tuple[str, str, int]
ROW = ("address_hmac", "channel", "attempt_id")
# What has waited longer before it went is not found; nothing but a forgotten pause waits so long.
LONGEST_IN_THE_LEDGER = dt.timedelta(days=90)
LAW_LOOKS_BACK = max(rule.within for rule in state_rules.CAPS)
_LOCK = zlib.crc32(b"communications.frequency")  # one of the two keys; the other is whose it is


@dataclass(frozen=True)
class Had:
    """Marketing messages to one address: within the shop's period, and texts as the law counts."""

    messages: int = 0
    texts: int = 0


NONE = Had()


@dataclass(frozen=True)
class Verdict:
    """One cap: how many he has had of how many. ``rule`` is in words.

    ``ahead`` go to him before this one, by the same campaign on other channels.
    """

    rule: str
    had: int
    most: int
    ahead: int = 0

    @property
    def is_over(self) -> bool:
        """Whether there is no room for one more."""
        return self.had + self.ahead >= self.most


@dataclass(frozen=True)
class Caps:
    """What a shop's people may get, as one dispatch has to mind it.

    Attributes:
        is_exempt: the shop's own caps do not count, the law's do.
    """

    messages: int
    texts: int
    days: int
    is_exempt: bool = False
    had: Mapping[str, Had] = field(default_factory=dict, repr=False)

    def verdicts(
        self,
        *,
        channel: str,
        email_hmac: str,
        phone_hmac: str,
        states: Collection[str],
        ahead: int = 0,
    ) -> list[Verdict]:
        """Every cap that holds for one more message to somebody, the law's first."""
        email, phone = self.had.get(email_hmac, NONE), self.had.get(phone_hmac, NONE)
        found = []
        law = state_rules.cap(states) if channel == Channel.SMS else None
        if law:
            hours = law.within // dt.timedelta(hours=1)
            found.append(Verdict(f"texts in {hours} hours ({law.state})", phone.texts, law.texts))
        if not self.is_exempt:
            period = f"in {self.days} days"
            if channel == Channel.SMS:
                found.append(Verdict(f"texts {period}", phone.messages, self.texts))
            both = email.messages + phone.messages
            found.append(Verdict(f"messages {period}", both, self.messages, ahead))
        return found

    def is_over(
        self,
        *,
        channel: str,
        email_hmac: str,
        phone_hmac: str,
        states: Collection[str],
        ahead: int = 0,
    ) -> bool:
        if email_hmac not in self.had and phone_hmac not in self.had:
            # Nearly everybody; what is left to ask is whether a cap is nought, or used up ahead.
            return not self.is_exempt and self._lets_nothing(channel, ahead)
        verdicts = self.verdicts(
            channel=channel,
            email_hmac=email_hmac,
            phone_hmac=phone_hmac,
            states=states,
            ahead=ahead,
        )
        return any(verdict.is_over for verdict in verdicts)

    def _lets_nothing(self, channel: str, ahead: int) -> bool:
        return self.messages <= ahead or (channel == Channel.SMS and not self.texts)


def caps(
    shop: Barbershop,
    *,
    is_exempt: bool,
    now: dt.datetime,
    addresses: Iterable[str] | None = None,
) -> Caps:
    """The shop's caps with what people of its organisation have had, by two queries.

    Args:
        addresses: HMACs to ask about; everybody's when there are none.
    """
    days = shop.cap_period_days
    return Caps(
        messages=shop.cap_messages,
        texts=shop.cap_sms,
        days=days,
        is_exempt=is_exempt,
        had=_had(shop, days=dt.timedelta(days=days), now=now, addresses=addresses),
    )


def ends(shop: Barbershop, *, addresses: Iterable[str], now: dt.datetime) -> list[dt.datetime]:
    """When each message that these addresses have had lately stops counting for some cap.

    Args:
        addresses: HMACs.
    """
    days = dt.timedelta(days=shop.cap_period_days)
    since = now - max(days, LAW_LOOKS_BACK)
    wanted = sorted({address for address in addresses if address})
    began, _ = _of_some(*_asked(shop, since=since), addresses=wanted, since=since)
    moments = {at + period for at in began.values() for period in (days, LAW_LOOKS_BACK)}
    return sorted(moment for moment in moments if moment > now)


def hold(shop: Barbershop) -> None:
    """Let nobody else of the organisation count or begin until this transaction ends.

    Two gates that each saw room for one would otherwise both use it. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            key = [_LOCK - (1 << 31), shop.organization_id]
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", key)


def _had(
    shop: Barbershop,
    *,
    days: dt.timedelta,
    now: dt.datetime,
    addresses: Iterable[str] | None,
) -> dict[str, Had]:
    since = now - max(days, LAW_LOOKS_BACK)
    calls, in_calls = _asked(shop, since=since)
    if addresses is None:
        began, rows = _of_everybody(calls, in_calls)
    else:
        wanted = sorted({address for address in addresses if address})
        began, rows = _of_some(calls, in_calls, addresses=wanted, since=since)
    messages, texts = Counter(), Counter()
    for hmac, channel, call in rows:
        if call in began:
            messages[hmac] += began[call] > now - days
            texts[hmac] += channel == Channel.SMS and began[call] > now - LAW_LOOKS_BACK
    return {hmac: Had(n, texts[hmac]) for hmac, n in messages.items()}


def _asked(shop: Barbershop, *, since: dt.datetime) -> tuple[QuerySet, QuerySet]:
    """Marketing calls of the whole organisation begun since then, and messages in calls."""
    calls = DeliveryAttempt.objects.filter(
        shop__organization=shop.organization_id,
        dispatch__kind=Dispatch.Kind.MARKETING,
        state__in=BEGUN,
        sending_at__gt=since,
    )
    in_calls = CustomerCommunication.objects.filter(
        send_state=CustomerCommunication.SendState.IN_CALL
    )
    return calls, in_calls


# Both ask for calls and messages apart: joined, PostgreSQL may read the whole ledger to find a few.
def _of_everybody(calls: QuerySet, in_calls: QuerySet) -> tuple[Calls, Iterable[Row]]:
    began = dict(calls.order_by().values_list("pk", "sending_at"))
    rows = in_calls.filter(AnyOf("attempt", list(began))).order_by().values_list(*ROW)
    return began, rows.iterator(chunk_size=10_000)


def _of_some(
    calls: QuerySet, in_calls: QuerySet, *, addresses: list[str], since: dt.datetime
) -> tuple[Calls, Iterable[Row]]:
    if not addresses:
        return {}, []
    recent = in_calls.filter(
        AnyOf("address_hmac", addresses), queued_at__gt=since - LONGEST_IN_THE_LEDGER
    )
    rows = list(recent.order_by().values_list(*ROW))
    wanted = list({call for _, _, call in rows})
    return dict(calls.filter(AnyOf("pk", wanted)).order_by().values_list("pk", "sending_at")), rows
