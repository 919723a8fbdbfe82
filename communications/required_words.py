"""What the law asks every marketing message to say, whatever its owner wrote."""

import re
import unicodedata

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
# Filters that neither shorten nor replace what is there; a shop always has a name.
_KEEP = frozenset({"capitalize", "default", "downcase", "upcase"})
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def sms_text(text: str, *, shop: Barbershop, kind: str) -> str:
    """A marketing text names the shop and says how to stop, as the law asks: to everybody, so
    that a condition which does so for some is not enough."""
    if kind == Dispatch.Kind.TRANSACTIONAL:
        return text
    text = liquid.contained(text)
    for_all = _read_by_all(text)
    if not _names(for_all, shop=shop):
        text = f"{_plain(shop.name, 'shop_name')}: {text}"
    if STOP_FIELD not in for_all and not _HOW_TO_STOP.search(for_all):
        text = f"{text} {STOP_FIELD}"
    return text


def _read_by_all(text: str) -> str:
    """Without what stands in conditions, without fallbacks, which only some will read, and without
    fields of which a filter may leave little."""
    return "".join(map(_kept, liquid.read(liquid.outside(text))))


def _kept(token: liquid.Token) -> str:
    if isinstance(token, liquid.Text):
        return token.text
    is_whole = all(each.name in _KEEP for each in token.filters)
    # A space for the others: the words around them are no one word.
    return f"{{{{ {token.name} }}}}" if is_whole else " "


def email_text(text: str, *, shop: Barbershop, kind: str) -> str:
    """The plain part of an email and its footer."""
    return f"{liquid.contained(text)}\n\n--\n{footer_text(shop, kind=kind)}"


def _names(text: str, *, shop: Barbershop) -> bool:
    """Whether people read who writes: "sale" does not name Al, nor does a web address."""
    read = _WEB_ADDRESS.sub(" ", text)
    name = rf"(?<!\w){re.escape(shop.name.strip())}(?!\w)"
    return bool(_SHOP_FIELD.search(read) or re.search(name, read, re.IGNORECASE))


def _plain(said: str, field: str) -> str:
    """The shop's own words within a template; words with braces by their field, as a value."""
    return f"{{{{ {field} }}}}" if "{" in said else unicodedata.normalize("NFC", said)


def footer_text(shop: Barbershop, *, kind: str) -> str:
    lines = [_plain(shop.name, "shop_name"), _plain(shop.postal_address, "shop_address")]
    if kind != Dispatch.Kind.TRANSACTIONAL:
        lines.append("{{ unsubscribe_word }}: {{ unsubscribe_link }}")
    return "\n".join(line for line in lines if line)
