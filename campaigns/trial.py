"""A test send: the campaign as it would arrive, to a few addresses of the shop's own people.

Tests have their own kind of dispatch, so that no figure counts them, and belong to no customer:
merge fields show their examples, or on demand what stands for one customer. Even then the message
is not his: its links count for nobody and opt out nobody but the address that got it, its code is a
sample that no till takes.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from barbershop import audit
from barbershop.models import Membership
from barbershop.nearest import did_you_mean
from campaigns import codes, content, readiness, tasks, trial_limit, verdicts
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications import blocks, liquid, outbox
from communications.models import CustomerCommunication, Dispatch, SenderIdentity, Suppression
from communications.recipient_rows import AS_CUSTOMER
from communications.tasks import send_due
from customers.addresses import address_hmac, normalise_phone
from customers.channels import Channel
from customers.criteria import CriteriaError
from customers.models import Customer

MARK = "[Test] "
SAMPLE = "SAMPLE"  # as long as what is drawn; L is never drawn, so nobody has it
MOST = 10  # addresses of each kind in one request
Reason = CustomerCommunication.Reason


@dataclass(frozen=True)
class TrialResult:
    """``status`` is queued or blocked; ``reason`` says why it is blocked."""

    channel: str
    address: str
    status: str
    reason: str = ""


def send(
    definition: CampaignDefinition,
    *,
    emails: list[str],
    phones: list[str],
    variant: str = "",
    variation: str = "",
    customer: Customer | None = None,
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> list[TrialResult]:
    """Send the campaign to these normalised addresses.

    Args:
        variant: the label of an arm, whose own words go unless a ``variation`` of it is named. Not
            given: what the customer would get, else the first arm.
        customer: of the campaign's shop; what stands for him is filled in.

    Raises:
        Refused: when the campaign says nothing on a channel, or the shop may not use it;
            ``no_variant``, ``no_variation``, ``invalid_criteria``, ``test_limit``.
    """
    now = now or timezone.now()
    label, variation = _words(definition, variant, variation, customer, now=now)
    parts = _parts(definition, label, variation, emails=emails, phones=phones)
    wanted = {Channel.EMAIL: list(dict.fromkeys(emails)), Channel.SMS: list(dict.fromkeys(phones))}
    results = {
        (channel, address): TrialResult(channel, address, "blocked", reason)
        for channel, addresses in wanted.items()
        for address, reason in _refused(definition.shop, channel, addresses).items()
    }
    with transaction.atomic():
        more = sum(map(len, wanted.values())) - len(results)
        trial_limit.check(definition.shop, more=more, now=now)
        dispatch = outbox.open_dispatch(shop=definition.shop, kind=Dispatch.Kind.TEST, by=by)
        values = _values(definition, customer, now=now)
        outbox.queue(
            dispatch=dispatch,
            recipients=list(_recipients(dispatch, parts, wanted, results, values)),
            now=now,
        )
        outbox.run(dispatch, now=now)
        audit.record(
            shop=definition.shop,
            action="campaign.test",
            by=by,
            token=token,
            target=definition,
            after={"as_customer": customer.pk} if customer else None,
        )
        transaction.on_commit(partial(tasks.hint, send_due))
    return [
        results.get((channel, address), TrialResult(channel, address, "queued"))
        for channel, addresses in wanted.items()
        for address in addresses
    ]


def _words(definition, variant: str, variation: str, customer, *, now) -> tuple[str, str]:
    """Arm and variation that are tested; an arm that is named goes as it is named."""
    if variant or customer is None:
        return variant, variation
    try:
        his = verdicts.of(definition, customer, now=now)
    except CriteriaError as error:
        raise Refused("invalid_criteria", f"The criteria cannot be read: {error}") from error
    return his.label, variation or his.variation


def _parts(
    definition, label: str, variation: str, *, emails, phones
) -> dict[str, content.ChannelContent]:
    """What is tested, by channel; where a variation is silent, what its arm says."""
    arms = {variant.label: (variant, parts) for variant, parts in readiness.contents(definition)}
    if label and label not in arms:
        raise Refused(
            "no_variant",
            f"This campaign has no variant {label[:20]!r}. {did_you_mean(label, arms)}".rstrip(),
        )
    arm, parts = arms[label] if label else next(iter(arms.values()))
    if variation:
        kind = definition.campaign_type
        known = {v.name: v for v in readiness.variations_of(arm, campaign_type=kind)}
        if variation not in known:
            raise Refused(
                "no_variation",
                f"This campaign has no variation {variation[:40]!r}. "
                f"{did_you_mean(variation, known)}".rstrip(),
            )
        parts = parts | known[variation].channels
    for channel, addresses in ((Channel.EMAIL, emails), (Channel.SMS, phones)):
        if addresses and channel not in parts:
            raise Refused("no_content", f"This campaign says nothing by {channel}.")
    used = {c for c, given in ((Channel.EMAIL, emails), (Channel.SMS, phones)) if given}
    readiness.check_senders(definition.shop, channels=used)
    return parts


def _values(definition, customer: Customer | None, *, now) -> dict[str, str]:
    """The offer's words with a code that is marked as a sample, and whose facts are filled in."""
    values = readiness.example_values(definition, now=now)
    if definition.offer:
        prefix = codes.prefix_of(definition.offer.code_prefix)
        values["offer_code"] = codes.written(prefix, SAMPLE)
    return values | ({AS_CUSTOMER: str(customer.pk)} if customer else {})


def _refused(shop, channel, addresses) -> dict[str, str]:
    """Addresses that must not be written to, with the reason."""
    by_hmac = {address_hmac(address): address for address in addresses}
    suppressed = Suppression.objects.active().filter(
        shop=shop, channel=channel, address_hmac__in=by_hmac
    )
    refused = {}
    if channel == Channel.SMS and addresses:
        verified = verified_phones(shop)
        refused = {a: "not_verified" for a in addresses if a not in verified}
    for hmac in suppressed.values_list("address_hmac", flat=True):
        refused[by_hmac[hmac]] = Reason.SUPPRESSED
    return refused


def verified_phones(shop) -> set[str]:
    """Numbers that may receive test texts: of the shop's members, and its own verified senders."""
    members = Membership.objects.filter(
        Q(shop=shop) | Q(shop=None, organization=shop.organization_id)
    ).exclude(phone="")
    senders = SenderIdentity.objects.for_shop(shop).filter(
        channel=Channel.SMS, verified_at__isnull=False
    )
    numbers = set()
    for raw in [
        *members.values_list("phone", flat=True),
        *senders.values_list("address", flat=True),
    ]:
        try:
            numbers.add(normalise_phone(raw, region=shop.country))
        except ValidationError:
            continue  # a member's note that is no number receives nothing
    return numbers - {""}


def _recipients(dispatch, parts, wanted, results, values):
    """One ledger row per address; one that nobody verified is not even stored."""
    for channel, addresses in wanted.items():
        if not addresses:
            continue
        part = parts[channel]
        stored = outbox.add_content(
            dispatch=dispatch,
            channel=channel,
            subject=(MARK + liquid.contained(part.subject))[: content.MAX_SUBJECT]
            if part.subject
            else "",
            text=part.message,
            html=blocks.source(shop=dispatch.shop, kind=dispatch.kind, content=part),
        )
        for address in addresses:
            refusal = results.get((channel, address))
            if refusal and refusal.reason not in Reason.values:
                continue
            yield outbox.Recipient(
                customer_id=None,
                channel=channel,
                address=address,
                address_hmac=address_hmac(address),
                content_id=stored.pk,
                values=values,
                blocked=refusal.reason if refusal else "",
            )
