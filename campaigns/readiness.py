"""What must be true before a campaign may start. Each refusal says what to do."""

import datetime as dt

from django.conf import settings

from campaigns import audience, content, offers
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications.models import SenderIdentity
from customers.channels import Channel
from customers.criteria import CriteriaError


def contents(definition: CampaignDefinition) -> list[tuple]:
    """Every arm with its parsed content: ``[(variant, {channel: ChannelContent}), ...]``.

    Raises:
        Refused: ``no_content`` when there is nothing to send, or it cannot be sent.
    """
    variants = list(definition.variants.order_by("label"))
    if not variants:
        raise Refused("no_content", "The campaign has no content: give it channels first.")
    try:
        return [
            (variant, content.parse(variant.channels, campaign_type=definition.campaign_type))
            for variant in variants
        ]
    except content.ContentError as error:
        raise Refused(
            "no_content", f"The campaign's content is not complete: {error}", fields=error.fields
        ) from error


def check(definition: CampaignDefinition, *, now: dt.datetime) -> None:
    """Refuse to start what the law or plain sense forbids.

    Raises:
        Refused: no_content, missing_value, no_postal_address, no_sms_sender, invalid_criteria
            or empty_audience.
    """
    parts = [part for _, channels in contents(definition) for part in channels.values()]
    check_senders(definition.shop, channels={part.channel for part in parts})
    _check_values(definition, parts, now=now)
    try:
        nobody = not audience.select(definition, now=now).exists()
    except CriteriaError as error:
        raise Refused("invalid_criteria", f"The criteria cannot be used: {error}") from error
    if nobody:
        raise Refused(
            "empty_audience", "Nobody matches the campaign's criteria; nothing was started."
        )


def check_senders(shop, *, channels: set[str]) -> None:
    """Refuse a channel on which the shop may not or cannot write.

    Raises:
        Refused: no_postal_address or no_sms_sender.
    """
    if Channel.EMAIL in channels and not shop.postal_address.strip():
        raise Refused(
            "no_postal_address",
            "Every marketing email must show the shop's postal address: enter it first.",
        )
    if Channel.SMS in channels and not settings.TWILIO_PHONE_NUMBER:
        senders = SenderIdentity.objects.for_shop(shop).filter(channel=Channel.SMS)
        if not senders.exists():
            raise Refused(
                "no_sms_sender",
                "Text messages need a sender: set TWILIO_PHONE_NUMBER, or register a number.",
            )


def _check_values(definition, parts, *, now) -> None:
    used = frozenset().union(*(part.merge_fields for part in parts)) & offers.OFFER_FIELDS
    missing = sorted(used - offers.values_of(definition, now=now).keys())
    if missing:
        raise Refused(
            "missing_value",
            f"The text says {{{{ {missing[0]} }}}}, but the campaign has no offer that fills it: "
            'add "offer": {"discount_percentage": 20, "valid_days": 30}, or change the text.',
        )
