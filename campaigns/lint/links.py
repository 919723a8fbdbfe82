"""Where links lead: whether an address can be one at all, and whether people can reach it."""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings

from campaigns.lint.findings import ERROR, WARNING

# Shared ones: carriers in the United States forbid them in texts
# (support.twilio.com 1260804572090; Twilio's error 30963 names the first four).
SHORTENERS = (
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "ow.ly",
    "goo.gl",
    "is.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "rb.gy",
)
# Reserved, so that nobody outside can have them (RFC 2606, RFC 6761, RFC 8375).
_RESERVED = re.compile(
    r"(?:^|\.)(?:test|example|invalid|localhost|local|internal|home\.arpa"
    r"|example\.(?:com|net|org))$"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")
_BARE = re.compile(
    rf"(?<![\w@.-])(?:https?://)?(?:www\.)?({'|'.join(map(re.escape, SHORTENERS))})/\S",
    re.IGNORECASE,
)


def trouble(url: str) -> tuple[str, str, str, str] | None:
    """``(level, code, what is so, what to do)`` for an address; None when nothing is wrong."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return _malformed(url)
    if parts.scheme not in ("http", "https"):
        return _malformed(url)
    if host == urlsplit(settings.PUBLIC_BASE_URL).hostname:
        return None  # where every link of ours leads: whoever cannot reach it can open none
    if address := _address(host):
        return None if address.is_global else _unreachable(url)
    if _RESERVED.search(host):
        return _unreachable(url)
    if not _HOST.fullmatch(_ascii(host)):
        return _malformed(url)
    if parts.scheme == "http":
        return (
            WARNING,
            "link_not_https",
            f"The link {shortened(url)} is not encrypted.",
            "Write https:// if the site has it: programs for mail and texts warn of the other.",
        )
    return None


def shortener_in(text: str) -> str:
    """The first address of a shared link shortener in a text, or nothing."""
    found = _BARE.search(text)
    return found[1].lower() if found else ""


def _address(host: str):
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def _malformed(url: str):
    return (
        ERROR,
        "link_malformed",
        f"The link {shortened(url)} is no web address.",
        "Copy the address from the browser's address bar.",
    )


def _unreachable(url: str):
    return (
        ERROR,
        "link_unreachable",
        f"The link {shortened(url)} leads to a place that customers cannot reach.",
        "It is a private or an example address: put the real one there.",
    )


def shortened(url: str) -> str:
    """An address as a sentence may hold it."""
    return url if len(url) <= 80 else f"{url[:79]}…"
