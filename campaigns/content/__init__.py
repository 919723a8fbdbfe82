"""The one parser of ``channels``: what a campaign says, by email and by text.

The JSON is ``{"email": {"subject", "message", "personalization"}, "sms": {"message",
"personalization"}}``, for an email also ``preheader``, and ``blocks`` or ``html``. Texts are
templates in cut-down Liquid (``docs/templates.md``). The HTML part of an email is made from its
blocks, its HTML or else its message; the message from blocks or HTML where it is not given. With
``"personalization": false`` the text goes to everybody as it stands, so that a merge field in it is
an error rather than a pair of braces in somebody's inbox.
"""

from campaigns.content.channels import (
    CHANNELS_OF_TYPE,
    KEYS,
    ChannelContent,
    as_json,
    fields_in,
    parse,
)
from campaigns.content.rules import MAX_EMAIL, MAX_LINK, MAX_SMS, MAX_SUBJECT, ContentError
from campaigns.content.variations import (
    MAX_VARIATIONS,
    Variation,
    check_variations,
    language_of,
    narrowed,
    parse_variations,
    variations_as_json,
)

__all__ = [
    "CHANNELS_OF_TYPE",
    "KEYS",
    "MAX_EMAIL",
    "MAX_LINK",
    "MAX_SMS",
    "MAX_SUBJECT",
    "MAX_VARIATIONS",
    "ChannelContent",
    "ContentError",
    "Variation",
    "as_json",
    "check_variations",
    "fields_in",
    "language_of",
    "narrowed",
    "parse",
    "parse_variations",
    "variations_as_json",
]
