"""What a campaign says, as somebody would read it: every arm and variation, on every channel."""

import datetime as dt
import re
from dataclasses import dataclass

from django.conf import settings

from campaigns import content, readiness
from campaigns.models import CampaignDefinition
from communications import examples, rendering
from communications.models import Dispatch
from communications.sms_segments import SmsSegments, count
from customers.channels import Channel


@dataclass(frozen=True)
class Sample:
    """One arm, or one variation of it, on one channel. ``size`` only for texts."""

    variant: str
    channel: str
    subject: str
    text: str
    size: SmsSegments | None = None
    variation: str = ""


def samples(definition: CampaignDefinition, *, now: dt.datetime) -> list[Sample]:
    """Every arm with its variations, with the footer and the words that the law asks for.

    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
    """
    values = readiness.example_values(definition, now=now)
    return [
        _sample(definition.shop, label, variation, part, values)
        for label, variation, part in readiness.parts(definition)
    ]


def _sample(shop, label: str, variation: str, part: content.ChannelContent, values) -> Sample:
    kind = Dispatch.Kind.MARKETING
    if part.channel == Channel.SMS:
        written = rendering.sms_text(part.message, shop=shop, kind=kind)
        size = count(examples.filled(written, shop=shop, values=values))
        shown = _shown(written, shop, values)
        return Sample(label, part.channel, "", shown, size=size, variation=variation)
    whole = rendering.email_text(part.message, shop=shop, kind=kind)
    return Sample(
        variant=label,
        channel=part.channel,
        subject=examples.filled_subject(part.subject, shop=shop, values=values),
        text=_shown(whole, shop, values),
        variation=variation,
    )


def _shown(text: str, shop, values) -> str:
    """Filled, with personal links short enough to read; they are measured at full length."""
    personal = rf"({re.escape(settings.PUBLIC_BASE_URL)}/[cu]/)[^\s/]+/"
    return re.sub(personal, r"\1…/", examples.filled(text, shop=shop, values=values))
