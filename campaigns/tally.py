"""Counting an audience as ``materialising``, ``outbox`` and the gate would treat it, row by row."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from barbershop.models import Barbershop
from campaigns import audience, content, terms, variations
from campaigns.experiments import assign
from campaigns.materialising import rows_of
from campaigns.message_costs import priced_by
from campaigns.message_sizes import Size, Sizes, Words
from campaigns.models import CampaignDefinition, CampaignVariant
from communications import accounts, compliance
from communications.delivery import drain
from communications.models import CustomerCommunication
from customers.channels import Channel, Topic
from customers.models import Customer

Reason = CustomerCommunication.Reason
AT_ONCE = 1_000  # people whose arms are drawn together
_LEFT_WITH = ("pk", "email_hmac", "phone_hmac", "phone", "timezone", "zip")


class SlowNumber:
    """The number that texts leave by: how many of them leave it before the hours end.

    The question is the gate's (``communications.delivery.in_time``), asked of the same queue.
    """

    def __init__(self, shop: Barbershop, *, now: dt.datetime):
        self._shop = shop
        self._now = now
        self._is_known = False
        self._queue: drain.Queue | None = None

    def takes(self, parts: int, *, until: dt.datetime) -> bool:
        """Whether a text still leaves in time; if so, the next ones are behind it."""
        if not self._is_known:
            account = accounts.account_for(shop=self._shop, channel=Channel.SMS)
            sender = accounts.sender_for(shop=self._shop, channel=Channel.SMS)
            self._queue = drain.foresee(account=account, sender=sender, now=self._now)
            self._is_known = True
        if self._queue is None:
            return True
        if not self._queue.fits(parts, until=until - compliance.HAND_OVER):
            return False
        self._queue.add(parts)
        return True


@dataclass
class Tally:
    """The rows of one channel.

    Attributes:
        receivers: messages that go, by their size and what decides their price.
        too_late: customers whose text waits for the next hours, by the end of these.
    """

    channel: str
    blocked: Counter[str] = field(default_factory=Counter)
    receivers: Counter[tuple[Size, str]] = field(default_factory=Counter)
    addresses: set[str] = field(default_factory=set)
    too_late: dict[int, tuple[dt.datetime, tuple[Size, str]]] = field(default_factory=dict)
    later: int = 0
    next_at: dt.datetime | None = None

    def add(self, pk: int, verdict: compliance.Verdict, words: Words, *, number, sizes) -> None:
        if verdict.refusal:
            self.blocked[str(verdict.refusal)] += 1
            return
        if verdict.address in self.addresses:
            self.blocked[str(Reason.DUPLICATE_ADDRESS)] += 1
            return
        self.addresses.add(verdict.address)
        size = sizes.of(pk, words, self.channel)
        if not size.parts:
            self.blocked[str(Reason.RENDER_ERROR)] += 1
            return
        price = size, priced_by(self.channel, verdict.address)
        self.receivers[price] += 1
        if verdict.not_before:
            self.wait(verdict.not_before)
        elif verdict.until and not number.takes(size.parts, until=verdict.until):
            self.too_late[pk] = verdict.until, price

    def wait(self, moment: dt.datetime) -> None:
        self.later += 1
        self.next_at = min(moment, self.next_at or moment)


@dataclass
class Count:
    """What became of the people of an audience: matched, held out, and the rows by channel."""

    channels: dict[str, Tally]
    matched: int = 0
    held_out: int = 0


def of(
    definition: CampaignDefinition,
    *,
    variants: list[CampaignVariant],
    sizes: Sizes,
    now: dt.datetime,
) -> Count:
    """A few queries, whatever the size of the audience.

    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    names = content.CHANNELS_OF_TYPE[definition.campaign_type]
    count = Count({channel: Tally(channel) for channel in names})
    first_only = definition.channel_policy == CampaignDefinition.Policy.FIRST_AVAILABLE
    number = SlowNumber(definition.shop, now=now)
    people = everybody(definition, variants=variants, now=now)
    for pk, verdicts, words in sizes.ahead(people):
        count.matched += 1
        if words is None:
            count.held_out += 1
            continue
        for channel, verdict in rows_of(verdicts, first_only=first_only):
            count.channels[channel].add(pk, verdict, words, number=number, sizes=sizes)
    if late := count.channels.get(Channel.SMS):
        _put_off(late, definition=definition, now=now)
    return count


def everybody(
    definition: CampaignDefinition, *, variants: list[CampaignVariant], now: dt.datetime
) -> Iterator[tuple]:
    """The people of an audience: id, verdicts by channel and words; no words for the held out."""
    first_only = definition.channel_policy == CampaignDefinition.Policy.FIRST_AVAILABLE
    rows = compliance.consider(
        audience.select(definition, now=now).order_by(),
        shop=definition.shop,
        channels=list(content.CHANNELS_OF_TYPE[definition.campaign_type]),
        topic=Topic.MARKETING,
        terms=terms.of(definition),
        now=now,
        is_everybody=True,
        are_together=not first_only,
    )
    return _with_words(rows, definition, variants, now=now)


def _with_words(rows: Iterable, definition, variants, *, now) -> Iterator[tuple]:
    """Each person with what he is told; None for whoever is held out."""
    if len(variants) == 1 and not definition.holdout_percent and not variants[0].variations:
        only = variants[0].label, ""
        for pk, verdicts in rows:  # one by one: what is kept has to be looked after
            yield pk, verdicts, only
        return
    rows = iter(rows)
    while batch := list(islice(rows, AT_ONCE)):
        drawn = _drawn(definition, variants, [pk for pk, _ in batch], now=now)
        for pk, verdicts in batch:
            yield pk, verdicts, drawn.get(pk)


def _drawn(definition, variants, ids: list[int], *, now) -> dict[int, Words]:
    arms = assign(definition=definition, variants=variants, customer_ids=ids)
    other = variations.of_arms(arms, shop=definition.shop, now=now)
    return {pk: (arm.variant.label, other.get(pk, "")) for pk, arm in arms.items() if arm.variant}


def _put_off(tally: Tally, *, definition, now: dt.datetime) -> None:
    """Texts that would still wait in the number's queue when their hours end go in the next."""
    moments = compliance.Moments(definition.shop, terms=terms.of(definition), now=now)
    late = list(tally.too_late)
    for start in range(0, len(late), AT_ONCE):
        ids = late[start : start + AT_ONCE]
        rows = Customer.objects.for_shop(definition.shop).filter(pk__in=ids)
        people = {
            pk: compliance.Person(*facts) for pk, *facts in rows.order_by().values_list(*_LEFT_WITH)
        }
        moments.look_up(somebody.phone_hmac for somebody in people.values())
        for pk, somebody in people.items():
            until, price = tally.too_late[pk]
            turn = moments.after(compliance.Turn(until=until), somebody)
            if turn.refusal:
                tally.receivers[price] -= 1
                tally.blocked[str(turn.refusal)] += 1
            elif turn.not_before:
                tally.wait(turn.not_before)
