"""The one parser of ``channels``: what a campaign says, by email and by text.

The JSON is ``{"email": {"subject", "message", "personalization"}, "sms": {"message",
"personalization"}}``. Messages are plain text with merge fields; the HTML part of an email is made
from it when it is sent. With ``"personalization": false`` the text goes to everybody as it stands,
so that a merge field in it is an error rather than a pair of braces in somebody's inbox.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from barbershop.nearest import did_you_mean
from communications import merge_fields
from communications.compiled import targets
from communications.models import TrackedLink

MAX_SUBJECT = 250
MAX_EMAIL = 100_000
MAX_SMS = 1_600  # what Twilio takes in one call
CHANNELS_OF_TYPE = {"email": ("email",), "sms": ("sms",), "multi": ("email", "sms")}
MAX_LINK = TrackedLink._meta.get_field("target").max_length
KEYS = {"email": ("subject", "message", "personalization"), "sms": ("message", "personalization")}

# Everything that some program takes for the end of a line: a header must not be split by any.
_LINE_BREAKS = re.compile("[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# Not storable in PostgreSQL (NUL, lone surrogates), or never meant by a person.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class ContentError(Exception):
    """What is wrong, by dotted path: ``{"channels.email.message": ["..."]}``."""

    def __init__(self, fields: dict[str, list[str]]):
        super().__init__("; ".join(f"{path}: {' '.join(said)}" for path, said in fields.items()))
        self.fields = fields


@dataclass(frozen=True)
class ChannelContent:
    """What one channel says. ``subject`` is empty for a text message."""

    channel: str
    message: str
    subject: str = ""
    personalization: bool = True

    @property
    def merge_fields(self) -> frozenset[str]:
        if not self.personalization:
            return frozenset()
        return fields_in(self.subject) | fields_in(self.message)


def fields_in(text: str) -> frozenset[str]:
    """The names of the merge fields in a text, known or not."""
    return frozenset(match["name"] for match in merge_fields.FIELD.finditer(text))


def parse(raw, *, campaign_type: str) -> dict[str, ChannelContent]:
    """Content by channel, in the order in which channels are tried: email first, it is cheaper.

    Raises:
        ContentError: naming every wrong place at once.
    """
    wanted = CHANNELS_OF_TYPE[campaign_type]
    errors: dict[str, list[str]] = {}
    if not isinstance(raw, dict):
        raise ContentError({"channels": ['Must be an object such as {"email": {...}}.']})
    for channel in raw:
        if channel not in wanted:
            _add(errors, f"channels.{_shown(channel)}", _not_wanted(channel, campaign_type))
    for channel in wanted:
        if channel not in raw:
            _add(errors, f"channels.{channel}", f"A campaign of type {campaign_type} needs it.")
    parts = {
        channel: _parse_channel(channel, raw[channel], errors)
        for channel in wanted
        if channel in raw
    }
    if errors:
        raise ContentError(errors)
    return parts


def as_json(parts: dict[str, ChannelContent]) -> dict:
    """The stored form: every key present, nothing else."""
    return {
        channel: {key: getattr(part, key) for key in KEYS[channel]}
        for channel, part in parts.items()
    }


def _parse_channel(channel, raw, errors) -> ChannelContent | None:
    path = f"channels.{channel}"
    if not isinstance(raw, dict):
        _add(errors, path, "Must be an object.")
        return None
    for key in raw:
        if key not in KEYS[channel]:
            said = f"Unknown key. {did_you_mean(key, KEYS[channel])}"
            _add(errors, f"{path}.{_shown(key)}", said)
    personalization = raw.get("personalization", True)
    if not isinstance(personalization, bool):
        _add(errors, f"{path}.personalization", "Must be true or false.")
        personalization = True
    limits = {"message": MAX_EMAIL if channel == "email" else MAX_SMS}
    if channel == "email":
        limits["subject"] = MAX_SUBJECT
    texts = {}
    for key, limit in limits.items():
        texts[key] = raw.get(key)
        said = (
            _wrong_with(texts[key], key, limit)
            or _wrong_fields(texts[key], personalization)
            or _wrong_links(texts[key])
        )
        if said:
            _add(errors, f"{path}.{key}", said)
    return ChannelContent(channel=channel, personalization=personalization, **texts)


def _wrong_with(text, key, limit) -> str:
    if text is None:
        return "This field is required."
    if not isinstance(text, str):
        return "Must be a text."
    if not text.strip():
        return "May not be blank."
    if len(text) > limit:
        return f"At most {limit} characters; this has {len(text)}."
    if key == "subject" and _LINE_BREAKS.search(text):
        return "May not contain a line break."
    if _CONTROLS.search(text):
        return "Contains a character that cannot be sent."
    return ""


def _wrong_fields(text, personalization) -> str:
    if not personalization and (used := sorted(fields_in(text))):
        return (
            f"Personalization is off, but {{{{ {used[0]} }}}} is a merge field: "
            "remove it, or set personalization to true."
        )
    try:
        merge_fields.validate(text)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _wrong_links(text) -> str:
    for target in targets(text, booking_url=""):
        if len(target) > MAX_LINK:
            return (
                f"The address {target[:40]}… has {len(target):,} characters; "
                f"a link may have {MAX_LINK:,}: shorten it."
            )
    return ""


def _not_wanted(channel, campaign_type) -> str:
    if channel in KEYS:
        return f"A campaign of type {campaign_type} has no such channel; use campaign_type multi."
    return f"Unknown channel. {did_you_mean(channel, KEYS)}"


def _shown(key) -> str:
    """A key from outside, fit to stand in an error: PostgreSQL-safe and short."""
    return _CONTROLS.sub("?", str(key))[:60]


def _add(errors, path, said) -> None:
    errors.setdefault(path, []).append(said)
