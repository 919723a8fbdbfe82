"""What a campaign would do for one customer at one moment: the engine's answer, for him alone."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.db.models import Q

from barbershop.any_of import AnyOf
from campaigns import audience, content, terms, variations
from campaigns.experiments import Arm, assign
from campaigns.materialising import rows_of
from campaigns.message_sizes import Message, Sizes
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications import compliance
from communications.models import CustomerCommunication
from customers.channels import Channel, Topic
from customers.models import Customer

Reason = CustomerCommunication.Reason
NOT_MATCHED, HELD_OUT = "not_matched", "held_out"


@dataclass(frozen=True)
class OnChannel:
    """On one channel: why not, or when.

    ``has_row``: the run would write a row for him here; with first_available only the first
    channel that may be used has one. ``ahead`` messages go to him before, on other channels.
    ``is_made``: whether his own message can be made and is not too long; None where it would not
    go anyway.
    """

    channel: str
    has_row: bool
    reason: str = ""
    not_before: dt.datetime | None = None
    ahead: int = 0
    is_made: bool | None = None


@dataclass(frozen=True)
class Answer:
    """Of one campaign for one customer.

    Attributes:
        label, variation: which words he would get; of whoever is held out both are empty.
        varied: the channels on which his variation says something.
        channels: every channel of the campaign, also when he does not match, as far as the rules
            of the messages go.
    """

    matches: bool
    is_held_out: bool
    label: str
    variation: str
    channels: tuple[OnChannel, ...]
    varied: frozenset[str] = frozenset()

    @property
    def received(self) -> tuple[OnChannel, ...]:
        """The channels on which he would get it."""
        if not self.matches or self.is_held_out:
            return ()
        return tuple(each for each in self.channels if each.has_row and not each.reason)

    @property
    def reason(self) -> str:
        """The first reason why not: ``not_matched``, ``held_out``, or a word of the ledger."""
        if not self.matches:
            return NOT_MATCHED
        if self.is_held_out:
            return HELD_OUT
        if self.received:
            return ""
        return next(each.reason for each in self.channels if each.has_row)

    def words_on(self, channel: OnChannel) -> str:
        """The variation that he would get there: one that is silent leaves the arm's own words."""
        return self.variation if channel.channel in self.varied else ""

    @property
    def first_at(self) -> dt.datetime | None:
        """When the first message goes that has to wait; None when one goes at once, or none at
        all."""
        waits = [each.not_before for each in self.received]
        return None if None in waits else min(waits, default=None)


def of(definition: CampaignDefinition, customer: Customer, *, now: dt.datetime) -> Answer:
    """What a run that begins at ``now`` would write about him; some ten queries.

    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    return of_many(definition, [customer], now=now)[customer.pk]


def of_many(
    definition: CampaignDefinition, customers: Collection[Customer], *, now: dt.datetime
) -> dict[int, Answer]:
    """The same for several customers of the campaign's shop, by as many queries as for one."""
    people = _with_earlier_ones(customers)
    wanted = {customer.pk for customer in customers}
    matching = set(
        audience.select(definition, now=now)
        .filter(AnyOf("pk", people))
        .order_by()
        .values_list("pk", flat=True)
    )
    arms = _arms(definition, people)
    drawn = {pk: arms[pk] for pk in wanted & matching if pk in arms}
    chosen = variations.of_arms(drawn, shop=definition.shop, now=now)
    first_only = definition.channel_policy == CampaignDefinition.Policy.FIRST_AVAILABLE
    answers, taken = {}, set()
    # In the order in which rows are written: of several with one address the first gets it.
    for pk, verdicts in _considered(definition, people, first_only, now=now):
        arm, rows = arms.get(pk), rows_of(verdicts, first_only=first_only)
        if pk in wanted:
            answers[pk] = Answer(
                matches=pk in matching,
                is_held_out=bool(arm and arm.is_holdout),
                label=arm.variant.label if arm and arm.variant else "",
                variation=chosen.get(pk, ""),
                varied=_varied(arm, chosen.get(pk, "")),
                channels=tuple(_on_channels(verdicts, rows, taken, first_only=first_only)),
            )
        if pk in matching and not (arm and arm.is_holdout):
            taken |= {(name, found.address) for name, found in rows if not found.refusal}
    return _as_made(answers, definition, now=now)


def _as_made(
    answers: dict[int, Answer], definition: CampaignDefinition, *, now: dt.datetime
) -> dict[int, Answer]:
    """The same, after the messages that would go were filled in, each for its reader."""
    messages = {
        pk: [(each.channel, (answer.label, answer.variation)) for each in answer.received]
        for pk, answer in answers.items()
    }
    made = _made(messages, definition, now=now)
    return {
        pk: replace(
            answer,
            channels=tuple(_said(each, made.get((pk, each.channel))) for each in answer.channels),
        )
        for pk, answer in answers.items()
    }


def _made(
    messages: dict[int, list[Message]], definition: CampaignDefinition, *, now: dt.datetime
) -> dict[tuple[int, str], bool]:
    """By customer and channel, whether it can be made and the provider takes it."""
    if not any(messages.values()):
        return {}
    try:
        sizes = Sizes(definition, now=now)
    except Refused:
        return {}  # there are no words yet
    sizes.read(messages)
    return {
        (pk, channel): bool(sizes.of(pk, words, channel).parts)
        for pk, found in messages.items()
        for channel, words in found
    }


def _said(found: OnChannel, is_made: bool | None) -> OnChannel:
    if is_made is None:
        return found
    if is_made:
        return replace(found, is_made=True)
    # Whoever comes later with the same address has no row all the same: this one took it.
    return replace(found, is_made=False, reason=str(Reason.RENDER_ERROR), not_before=None)


def _arms(definition: CampaignDefinition, people: Collection[int]) -> dict[int, Arm]:
    """Of a campaign without content nobody is drawn for anything."""
    variants = list(definition.variants.all())
    if not variants:
        return {}
    return assign(definition=definition, variants=variants, customer_ids=people)


def _varied(arm: Arm | None, variation: str) -> frozenset[str]:
    if not variation:
        return frozenset()
    found = (each for each in arm.variant.variations if each["name"] == variation)
    return frozenset(next(found)["channels"])


def _on_channels(verdicts, rows, taken, *, first_only: bool) -> Iterator[OnChannel]:
    tried, ahead = dict(rows), 0
    for name, verdict in verdicts.items():
        found = OnChannel(
            name,
            name in tried,
            str(verdict.refusal),
            verdict.not_before,
            0 if first_only else ahead,
        )
        ahead += not verdict.refusal
        if not found.reason and (name, verdict.address) in taken:
            found = replace(found, reason=str(Reason.DUPLICATE_ADDRESS), not_before=None)
        yield found


def _with_earlier_ones(customers: Collection[Customer]) -> list[int]:
    """They, and whoever is written before one of them and may have taken his address."""
    shared = Q()
    for name in ("email_hmac", "phone_hmac"):
        if values := sorted({getattr(each, name) for each in customers} - {""}):
            shared |= Q(**{f"{name}__in": values})
    ids = {customer.pk for customer in customers}
    if shared and ids:
        shop = next(iter(customers)).shop_id
        others = Customer.objects.for_shop(shop).filter(shared, pk__lt=max(ids))
        ids.update(others.order_by().values_list("pk", flat=True))
    return sorted(ids)


def _considered(definition, ids: list[int], first_only: bool, *, now: dt.datetime):
    return compliance.consider(
        Customer.objects.for_shop(definition.shop).filter(AnyOf("pk", ids)),
        shop=definition.shop,
        channels=[Channel(name) for name in content.CHANNELS_OF_TYPE[definition.campaign_type]],
        topic=Topic.MARKETING,
        terms=terms.of(definition),
        now=now,
        are_together=not first_only,
    )
