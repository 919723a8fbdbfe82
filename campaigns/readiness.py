"""What must be true before a campaign may start. The refusal says what to do, all at once."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns import audience, content, offers
from campaigns.models import CampaignDefinition, CampaignVariant
from campaigns.refusals import Refused, together
from communications import examples, rendering
from communications.accounts import registration_of, sender_for
from communications.models import Dispatch
from customers import criteria
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


def variations_of(variant: CampaignVariant, *, campaign_type: str) -> tuple:
    """An arm's variations, parsed; most have none.

    Raises:
        Refused: ``no_content`` when one of them cannot be sent.
    """
    if not variant.variations:
        return ()
    try:
        return tuple(content.parse_variations(variant.variations, campaign_type=campaign_type))
    except content.ContentError as error:
        raise Refused(
            "no_content",
            f"A variation of the campaign's content is not complete: {error}",
            fields=error.fields,
        ) from error


def parts(definition: CampaignDefinition) -> list[tuple]:
    """Everything that the campaign may say: ``[(label, variation or "", ChannelContent), ...]``.

    Raises:
        Refused: as ``contents`` and ``variations_of``.
    """
    return _parts(contents(definition), campaign_type=definition.campaign_type)


def _parts(arms: list[tuple], *, campaign_type: str) -> list[tuple]:
    found = []
    for variant, channels in arms:
        found += [(variant.label, "", part) for part in channels.values()]
        for variation in variations_of(variant, campaign_type=campaign_type):
            found += [(variant.label, variation.name, p) for p in variation.channels.values()]
    return found


def example_values(definition: CampaignDefinition, *, now: dt.datetime) -> dict[str, str]:
    """What the offer puts into messages: the same for all, and an example of what is each one's."""
    return offers.values_of(definition, now=now) | offers.sample_values(definition, now=now)


def check(definition: CampaignDefinition, *, now: dt.datetime) -> None:
    """Refuse to start what the law or plain sense forbids, with all that is missing at once.

    Raises:
        Refused: shop_suspended; no_content, invalid_criteria, empty_audience; or what is missing:
            no_postal_address, no_email_sender, no_sms_sender, no_sms_registration, missing_value,
            text_too_long, and ``requirements_missing`` for several of these.
    """
    _check_suspension(definition.shop)
    arms = contents(definition)
    said = [part for _, _, part in _parts(arms, campaign_type=definition.campaign_type)]
    values = example_values(definition, now=now)
    missing = [
        *_of_senders(definition.shop, channels={part.channel for part in said}),
        *_of_values(said, values),
        *_of_lengths(definition.shop, said, values),
    ]
    if missing:
        raise together(missing)
    try:
        _check_names(definition, [variant for variant, _ in arms])
        nobody = not audience.select(definition, now=now).exists()
    except CriteriaError as error:
        raise Refused("invalid_criteria", f"The criteria cannot be used: {error}") from error
    if nobody:
        raise Refused(
            "empty_audience", "Nobody matches the campaign's criteria; nothing was started."
        )


def check_senders(shop, *, channels: set[str]) -> None:
    """Refuse channels on which the shop may not or cannot write.

    Raises:
        Refused: shop_suspended; or no_postal_address, no_email_sender, no_sms_sender,
            no_sms_registration, and ``requirements_missing`` for several of these.
    """
    _check_suspension(shop)
    if missing := list(_of_senders(shop, channels=channels)):
        raise together(missing)


def _check_names(definition: CampaignDefinition, variants: Iterable[CampaignVariant]) -> None:
    """What criteria name (a segment, a barber) may have gone since they were written. Nobody is
    in a segment that is no more, so "not in it" would be everybody."""
    asked = [variation["criteria"] for variant in variants for variation in variant.variations]
    for raw in [definition.target_criteria, *asked]:
        parsed = criteria.parse(raw)
        criteria.check(parsed, shop=definition.shop, stored=parsed)


def _check_suspension(shop) -> None:
    """Alone: whatever else is missing, mending it would not help."""
    if shop.suspended_at is not None:
        raise Refused(
            "shop_suspended",
            f"The shop is suspended and sends nothing: {shop.suspended_reason.rstrip('.')}. Ask "
            "your organisation, or who runs this installation, to lift it.",
            conflict=True,
        )


def _of_senders(shop, *, channels: set[str]) -> Iterator[Refused]:
    if Channel.EMAIL in channels:
        if not shop.postal_address.strip():
            yield _missing(
                "no_postal_address",
                "shop.postal_address",
                "Every marketing email must show the shop's postal address: enter it in admin, "
                "Barbershops.",
            )
        yield from _of_from_address(sender_for(shop=shop, channel=Channel.EMAIL).address)
    if Channel.SMS in channels:
        number = sender_for(shop=shop, channel=Channel.SMS).address
        if not _E164.match(number):
            yield _of_number(number)
        elif not registration_of(shop=shop):
            yield _missing(
                "no_sms_registration",
                "shop.sms_registration",
                f"Carriers take marketing texts from registered numbers only, and for {number} no "
                "registration is recorded: enter its A2P 10DLC campaign or toll-free verification "
                "with the shop's sender identity in admin, or set TWILIO_REGISTRATION for the "
                "installation's own number.",
            )


def _of_from_address(address: str) -> Iterator[Refused]:
    try:
        validate_email(address)
    except ValidationError:
        found = f"{address!r} is no email address" if address else "there is none"
        yield _missing(
            "no_email_sender",
            "shop.email_sender",
            f"Emails need an address to come from, and {found}: set SENDGRID_FROM_EMAIL, or give "
            "the shop a sender identity for email in admin.",
        )


def _of_number(number: str) -> Refused:
    found = f"{number!r} is no number such as +12125550123" if number else "there is none"
    return _missing(
        "no_sms_sender",
        "shop.sms_sender",
        f"Texts need a registered number to come from, and {found}: set TWILIO_PHONE_NUMBER, or "
        "give the shop a sender identity for SMS in admin.",
    )


def _missing(code: str, path: str, said: str) -> Refused:
    return Refused(code, said, fields={path: [said]})


def _of_values(parts, values) -> Iterator[Refused]:
    used = frozenset().union(*(part.needed_fields for part in parts)) & offers.OFFER_FIELDS
    missing = sorted(used - values.keys())
    if missing == ["offer_expires_on"] and "offer_discount" in values:
        yield Refused(
            "missing_value",
            "The text says {{ offer_expires_on }}, but the offer does not end: add valid_days to "
            'it, such as "offer": {"discount_percentage": 20, "valid_days": 30}, or change the '
            "text.",
        )
    elif missing:
        yield Refused(
            "missing_value",
            f"The text says {{{{ {missing[0]} }}}}, but the campaign has no offer that fills it: "
            'add "offer": {"discount_percentage": 20, "valid_days": 30}, or change the text.',
        )


def _of_lengths(shop, parts, values) -> Iterator[Refused]:
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
            yield _missing("text_too_long", "channels.sms.message", said)
