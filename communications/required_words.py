"""What the law asks every marketing message to say, whatever its owner wrote."""

import re

from barbershop.models import Barbershop
from communications import liquid
from communications.models import Dispatch

# The notice itself: "Stop by" and "non-stop" are none. Said otherwise, it is said twice: no harm.
_HOW_TO_STOP = re.compile(
    r"""\b(?i:reply|text|txt|send|answer|responda|responde|env[ií]a|env[ií]e|r[ée]pondez|envoyez)
        (?i:\s+(?:with|con|par|avec|the\s+word|la\s+palabra|le\s+mot))*
        [\s"'\u2018-\u201d«»]+STOP\b""",
    re.VERBOSE,
)
STOP_FIELD = "{{ how_to_stop }}"  # in the reader's language
_SHOP_FIELD = re.compile(r"\{\{-?\s*shop_name\b")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def sms_text(text: str, *, shop: Barbershop, kind: str) -> str:
    """A marketing text names the shop and says how to stop, as the law asks: to everybody, so
    that a condition which does so for some is not enough."""
    if kind == Dispatch.Kind.TRANSACTIONAL:
        return text
    for_all = _read_by_all(text)
    if not _names(for_all, shop=shop):
        text = f"{_plain(shop.name, 'shop_name')}: {text}"
    if STOP_FIELD not in for_all and not _HOW_TO_STOP.search(for_all):
        text = f"{text} {STOP_FIELD}"
    return text


def _read_by_all(text: str) -> str:
    """Without what stands in conditions, and without fallbacks: those only some will read."""
    tokens = liquid.read(liquid.outside(text))
    return "".join(
        token.text if isinstance(token, liquid.Text) else f"{{{{ {token.name} }}}}"
        for token in tokens
    )


def _names(text: str, *, shop: Barbershop) -> bool:
    """Whether people read who writes: "sale" does not name Al, nor does a web address."""
    read = _WEB_ADDRESS.sub(" ", text)
    name = rf"(?<!\w){re.escape(shop.name.strip())}(?!\w)"
    return bool(_SHOP_FIELD.search(read) or re.search(name, read, re.IGNORECASE))


def _plain(said: str, field: str) -> str:
    """The shop's own words within a template; words with braces by their field, as a value."""
    return f"{{{{ {field} }}}}" if "{" in said else said


def footer_text(shop: Barbershop, *, kind: str) -> str:
    lines = [_plain(shop.name, "shop_name"), _plain(shop.postal_address, "shop_address")]
    if kind != Dispatch.Kind.TRANSACTIONAL:
        lines.append("{{ unsubscribe_word }}: {{ unsubscribe_link }}")
    return "\n".join(line for line in lines if line)
