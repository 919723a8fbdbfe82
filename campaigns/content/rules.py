"""What a text of a campaign may hold."""

import re

from django.core.exceptions import ValidationError

from communications import blocks, liquid, markup, merge_fields
from communications.compiled import targets
from communications.models import TrackedLink

MAX_SUBJECT = 250
MAX_EMAIL = 100_000
MAX_SMS = 1_600  # what Twilio takes in one call
MAX_LINK = TrackedLink._meta.get_field("target").max_length

# Everything that some program takes for the end of a line: a header must not be split by any.
_LINE_BREAKS = re.compile("[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# Not storable in PostgreSQL (NUL, lone surrogates), or never meant by a person.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class ContentError(Exception):
    """What is wrong, by dotted path: ``{"channels.email.message": ["..."]}``."""

    def __init__(self, fields: dict[str, list[str]]):
        super().__init__("; ".join(f"{path}: {' '.join(said)}" for path, said in fields.items()))
        self.fields = fields


def wrong_html(html, personalization) -> str:
    said = wrong_with(html, "html", MAX_EMAIL) or wrong_fields(html, personalization, is_html=True)
    if said:
        return said
    try:
        cleaned = blocks.sanitised(html)
    except blocks.MarkupError as error:
        return str(error)
    return _too_long(markup.targets(cleaned, booking_url=""))


def wrong_text(text, key, limit, personalization) -> str:
    return (
        wrong_with(text, key, limit)
        or wrong_fields(text, personalization)
        or _too_long(targets(text, booking_url=""))
    )


def wrong_with(text, key, limit) -> str:
    if text is None:
        return "This field is required."
    if not isinstance(text, str):
        return "Must be a text."
    if not text.strip():
        return "May not be blank."
    if len(text) > limit:
        return f"At most {limit} characters; this has {len(text)}."
    if key in ("subject", "preheader") and _LINE_BREAKS.search(text):
        return "May not contain a line break."
    if _CONTROLS.search(text):
        return "Contains a character that cannot be sent."
    return ""


def wrong_fields(text, personalization, *, is_html: bool = False) -> str:
    try:
        tokens = merge_fields.validate(text, is_html=is_html)
    except ValidationError as error:
        return " ".join(error.messages)
    used = sorted(name for t in tokens if not isinstance(t, liquid.Text) for name in t.names)
    if not personalization and any(not isinstance(t, liquid.Text) for t in tokens):
        said = f"{{{{ {used[0]} }}}} is a merge field" if used else "there is a condition in it"
        return f"Personalization is off, but {said}: remove it, or set personalization to true."
    return ""


def _too_long(found: list[str]) -> str:
    for target in found:
        if len(target) > MAX_LINK:
            return (
                f"The address {target[:40]}… has {len(target):,} characters; "
                f"a link may have {MAX_LINK:,}: shorten it."
            )
    return ""


def shown(key) -> str:
    """A key from outside, fit to stand in an error: PostgreSQL-safe and short."""
    return _CONTROLS.sub("?", str(key))[:60]


def add(errors, path, said) -> None:
    errors.setdefault(path, []).append(said)
