"""A test send: the campaign as it would arrive, to a few addresses of the shop's own people.

Tests have their own kind of dispatch, so that no figure counts them, and belong to no customer, so
that merge fields show their examples.
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
from campaigns import content, readiness, tasks
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications import blocks, outbox
from communications.models import CustomerCommunication, Dispatch, SenderIdentity, Suppression
from communications.tasks import send_due
from customers.addresses import address_hmac, normalise_phone
from customers.channels import Channel

MARK = "[Test] "
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
    variation: str = "",
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> list[TrialResult]:
    """Send the first arm to these normalised addresses, or a variation of it by its name.

    Raises:
        Refused: when the campaign says nothing on a channel, or the shop may not use it;
            ``no_variation``.
    """
    now = now or timezone.now()
    parts = _parts(definition, emails=emails, phones=phones, variation=variation)
    wanted = {Channel.EMAIL: list(dict.fromkeys(emails)), Channel.SMS: list(dict.fromkeys(phones))}
    results = {
        (channel, address): TrialResult(channel, address, "blocked", reason)
        for channel, addresses in wanted.items()
        for address, reason in _refused(definition.shop, channel, addresses).items()
    }
    with transaction.atomic():
        dispatch = outbox.open_dispatch(shop=definition.shop, kind=Dispatch.Kind.TEST, by=by)
        outbox.queue(
            dispatch=dispatch,
            recipients=list(_recipients(definition, dispatch, parts, wanted, results, now)),
            now=now,
        )
        outbox.run(dispatch, now=now)
        audit.record(
            shop=definition.shop, action="campaign.test", by=by, token=token, target=definition
        )
        transaction.on_commit(partial(tasks.hint, send_due))
    return [
        results.get((channel, address), TrialResult(channel, address, "queued"))
        for channel, addresses in wanted.items()
        for address in addresses
    ]


def _parts(definition, *, emails, phones, variation) -> dict[str, content.ChannelContent]:
    """What is tested, by channel; where a variation is silent, what its arm says."""
    arm, parts = readiness.contents(definition)[0]
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


def _recipients(definition, dispatch, parts, wanted, results, now):
    """One ledger row per address; one that nobody verified is not even stored."""
    values = readiness.example_values(definition, now=now)
    for channel, addresses in wanted.items():
        if not addresses:
            continue
        part = parts[channel]
        stored = outbox.add_content(
            dispatch=dispatch,
            channel=channel,
            subject=(MARK + part.subject)[: content.MAX_SUBJECT] if part.subject else "",
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
