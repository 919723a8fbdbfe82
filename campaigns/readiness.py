"""What must be true before a campaign may start. Each refusal says what to do."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns import audience, content, offers
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications import examples, rendering
from communications.accounts import sender_for
from communications.models import Dispatch
from customers.channels import Channel
from customers.criteria import CriteriaError

_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")


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
        Refused: no_content, no_postal_address, no_email_sender, no_sms_sender, missing_value,
            text_too_long, invalid_criteria or empty_audience.
    """
    parts = [part for _, channels in contents(definition) for part in channels.values()]
    check_senders(definition.shop, channels={part.channel for part in parts})
    values = offers.values_of(definition, now=now)
    _check_values(parts, values)
    _check_lengths(definition.shop, parts, values)
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
        Refused: no_postal_address, no_email_sender or no_sms_sender.
    """
    if Channel.EMAIL in channels and not shop.postal_address.strip():
        raise Refused(
            "no_postal_address",
            "Every marketing email must show the shop's postal address: enter it first.",
        )
    if Channel.EMAIL in channels:
        _check_from_address(sender_for(shop=shop, channel=Channel.EMAIL).address)
    if Channel.SMS in channels:
        _check_from_number(sender_for(shop=shop, channel=Channel.SMS).address)


def _check_from_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        found = f"{address!r} is no email address" if address else "there is none"
        raise Refused(
            "no_email_sender",
            f"Emails need an address to come from, and {found}: set SENDGRID_FROM_EMAIL, or give "
            "the shop a sender identity for email.",
        ) from error


def _check_from_number(number: str) -> None:
    if not _E164.match(number):
        found = f"{number!r} is no number such as +12125550123" if number else "there is none"
        raise Refused(
            "no_sms_sender",
            f"Texts need a number to come from, and {found}: set TWILIO_PHONE_NUMBER, or give the "
            "shop a sender identity for SMS.",
        )


def _check_values(parts, values) -> None:
    used = frozenset().union(*(part.merge_fields for part in parts)) & offers.OFFER_FIELDS
    missing = sorted(used - values.keys())
    if missing == ["offer_expires_on"] and "offer_discount" in values:
        raise Refused(
            "missing_value",
            "The text says {{ offer_expires_on }}, but the offer does not end: add valid_days to "
            'it, such as "offer": {"discount_percentage": 20, "valid_days": 30}, or change the '
            "text.",
        )
    if missing:
        raise Refused(
            "missing_value",
            f"The text says {{{{ {missing[0]} }}}}, but the campaign has no offer that fills it: "
            'add "offer": {"discount_percentage": 20, "valid_days": 30}, or change the text.',
        )


def _check_lengths(shop, parts, values) -> None:
    """Names differ: a text that fits with the examples may still be too long for a long name."""
    for part in parts:
        if part.channel != Channel.SMS:
            continue
        whole = rendering.sms_text(part.message, shop=shop, kind=Dispatch.Kind.MARKETING)
        length = len(examples.filled(whole, shop=shop, values=values))
        if length > content.MAX_SMS:
            said = (
                f"With the shop's name, the way to stop and its links the text has {length:,} "
                f"characters, and {content.MAX_SMS:,} can be sent: shorten it by "
                f"{length - content.MAX_SMS:,}."
            )
            raise Refused("text_too_long", said, fields={"channels.sms.message": [said]})
