"""What each channel says."""

from dataclasses import dataclass

from barbershop.nearest import did_you_mean
from campaigns.content.rules import (
    MAX_EMAIL,
    MAX_SMS,
    MAX_SUBJECT,
    ContentError,
    add,
    shown,
    wrong_html,
    wrong_text,
)
from communications import blocks, liquid, merge_fields

CHANNELS_OF_TYPE = {"email": ("email",), "sms": ("sms",), "multi": ("email", "sms")}
KEYS = {"email": ("subject", "message", "personalization"), "sms": ("message", "personalization")}
MORE_KEYS = {"email": ("preheader", "blocks", "html"), "sms": ()}  # stored where they are given


@dataclass(frozen=True)
class ChannelContent:
    """What one channel says. ``subject`` is empty for a text message.

    Attributes:
        message: the text, or the plain part of an email.
        is_derived: the message was not given but made from the blocks or the HTML.
        language: of an email's words, as ``es``; "" for the shop's own.
    """

    channel: str
    message: str
    subject: str = ""
    personalization: bool = True
    preheader: str = ""
    blocks: tuple[dict, ...] = ()
    html: str = ""
    is_derived: bool = False
    language: str = ""

    @property
    def templates(self) -> list[str]:
        """Every text in which Liquid may stand."""
        texts = [self.subject, self.message, self.preheader, self.html]
        texts += [value for block in self.blocks for value in block.values()]
        if self.blocks and not self.is_derived:  # the blocks' own words ask for values, too
            texts.append(blocks.text_of_blocks(self.blocks))
        return [text for text in texts if isinstance(text, str) and text]

    @property
    def merge_fields(self) -> frozenset[str]:
        """Every merge field in it, in conditions too."""
        if not self.personalization:
            return frozenset()
        return frozenset().union(*map(fields_in, self.templates))

    @property
    def needed_fields(self) -> frozenset[str]:
        """Those that are written whatever else is so: without them the text has a gap."""
        if not self.personalization:
            return frozenset()
        return frozenset().union(*(fields_in(liquid.outside(text)) for text in self.templates))


def fields_in(text: str) -> frozenset[str]:
    """The names of the merge fields in a text, known or not."""
    return merge_fields.names_in(text)


def parse(raw, *, campaign_type: str) -> dict[str, ChannelContent]:
    """Content by channel, in the order in which channels are tried: email first, it is cheaper.

    Raises:
        ContentError: naming every wrong place at once.
    """
    wanted = CHANNELS_OF_TYPE[campaign_type]
    errors: dict[str, list[str]] = {}
    parts = {}
    try:
        parts = parse_channels(raw, wanted=wanted, kind=campaign_type)
    except ContentError as error:
        errors |= error.fields
    for channel in wanted if isinstance(raw, dict) else ():
        if channel not in raw:
            add(errors, f"channels.{channel}", f"A campaign of type {campaign_type} needs it.")
    if errors:
        raise ContentError(errors)
    return parts


def as_json(parts: dict[str, ChannelContent]) -> dict:
    """The stored form: every key present, what a text message or a plain email lacks left out. A
    message that was not given is empty, so that it is made anew when the blocks change."""
    return {channel: _channel_json(part) for channel, part in parts.items()}


def _channel_json(part: ChannelContent) -> dict:
    found = {key: getattr(part, key) for key in KEYS[part.channel]}
    if part.is_derived:
        found["message"] = ""
    for key in MORE_KEYS[part.channel]:
        if value := getattr(part, key):
            found[key] = list(value) if key == "blocks" else value
    return found


def parse_channels(raw, *, wanted: tuple[str, ...], kind: str) -> dict[str, ChannelContent]:
    errors: dict[str, list[str]] = {}
    if not isinstance(raw, dict):
        raise ContentError({"channels": ['Must be an object such as {"email": {...}}.']})
    for channel in raw:
        if channel not in wanted:
            add(errors, f"channels.{shown(channel)}", _not_wanted(channel, kind))
    parts = {
        channel: _parse_channel(channel, raw[channel], errors)
        for channel in wanted
        if channel in raw
    }
    if errors:
        raise ContentError(errors)
    return parts


def _parse_channel(channel, raw, errors) -> ChannelContent | None:
    path = f"channels.{channel}"
    if not isinstance(raw, dict):
        add(errors, path, "Must be an object.")
        return None
    known = (*KEYS[channel], *MORE_KEYS[channel])
    for key in raw:
        if key not in known:
            add(errors, f"{path}.{shown(key)}", f"Unknown key. {did_you_mean(key, known)}")
    personalization = raw.get("personalization", True)
    if not isinstance(personalization, bool):
        add(errors, f"{path}.personalization", "Must be true or false.")
        personalization = True
    before = len(errors)
    body = _parse_body(channel, raw, path, errors, personalization=personalization)
    texts = {}
    for key, limit in _limits(channel, raw, has_body=bool(body)):
        texts[key] = raw.get(key)
        if said := wrong_text(texts[key], key, limit, personalization):
            add(errors, f"{path}.{key}", said)
    if len(errors) > before:
        return None
    if said := _too_much(body):
        add(errors, f"{path}.blocks", said)
        return None
    is_derived = not texts.get("message")
    if is_derived:
        texts["message"] = _derived(body)
    return ChannelContent(
        channel=channel, personalization=personalization, is_derived=is_derived, **texts, **body
    )


def _limits(channel, raw, *, has_body: bool) -> list[tuple[str, int]]:
    """The texts to be read, with the most characters of each."""
    limits = []
    if channel == "email":
        limits.append(("subject", MAX_SUBJECT))
        if raw.get("preheader"):
            limits.append(("preheader", MAX_SUBJECT))
    if not has_body or raw.get("message"):
        limits.append(("message", MAX_EMAIL if channel == "email" else MAX_SMS))
    return limits


def _parse_body(channel, raw, path, errors, *, personalization) -> dict:
    """``blocks`` or ``html``, where an email has one of them."""
    if channel != "email" or not (raw.get("blocks") or raw.get("html")):
        return {}
    if raw.get("blocks") and raw.get("html"):
        add(errors, f"{path}.html", "An email has blocks or html, not both.")
        return {"html": raw["html"]}
    if raw.get("html"):
        if said := wrong_html(raw["html"], personalization):
            add(errors, f"{path}.html", said)
        return {"html": raw["html"]}

    def wrong(kind: str, text: str) -> str:
        return wrong_text(text, "subject" if kind == "line" else "", MAX_EMAIL, personalization)

    found, wrongs = blocks.parse(raw["blocks"], wrong=wrong)
    for place, said in wrongs.items():
        add(errors, f"{path}.blocks{place and '.'}{shown(place)}", said)
    return {"blocks": found}


def _too_much(body: dict) -> str:
    """What is wrong with all blocks together, each of which is right."""
    texts = [
        value
        for block in body.get("blocks", ())
        for key, value in block.items()
        if key != "type" and isinstance(value, str)
    ]
    if (size := sum(map(len, texts))) > MAX_EMAIL:
        return f"At most {MAX_EMAIL:,} characters in all blocks; there are {size:,}."
    try:
        liquid.check_size([token for text in texts for token in liquid.read(text)])
    except liquid.TemplateError as error:
        return error.message
    return ""


def _derived(body: dict) -> str:
    if "blocks" in body:
        return blocks.text_of_blocks(body["blocks"])
    return blocks.text_of_html(blocks.sanitised(body["html"]))


def _not_wanted(channel, campaign_type) -> str:
    if channel in KEYS:
        return f"A campaign of type {campaign_type} has no such channel; use campaign_type multi."
    return f"Unknown channel. {did_you_mean(channel, KEYS)}"
