"""Turns one mail/send request into what each recipient would find in the inbox."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Filler = Callable[[str], str]

_LINK = re.compile(r"""https?://[^\s"'<>\])]+""")
_TRACKED = re.compile(r"""https?://[^\s"'<>\])/]+/c/[^\s"'<>\])]+""")
_BRACKETED = re.compile(r"<(https?://[^>]+)>")


def filler(substitutions: dict[str, str | None], sections: dict[str, str]) -> Filler:
    """Return a function that fills a template in.

    A substitution's value may name a section, whose text may hold substitutions again.
    """
    plain = {key: value or "" for key, value in substitutions.items() if key}
    if not plain and not sections:
        return lambda text: text
    find = _matcher([*plain, *sections])

    if not sections:
        return lambda text: find.sub(lambda match: plain[match[0]], text)

    def section_or_value(match: re.Match) -> str:
        value = plain.get(match[0], match[0])
        return sections.get(value, value)

    def fill(text: str) -> str:
        once = find.sub(section_or_value, text)
        return find.sub(lambda match: plain.get(match[0], match[0]), once)

    return fill


# All recipients of a request have the same keys, so the pattern is made once for all of them.
_matchers: dict[tuple[str, ...], re.Pattern] = {}
_MAX_MATCHERS = 200


def _matcher(keys: Iterable[str]) -> re.Pattern:
    ordered = tuple(sorted(set(keys), key=lambda key: (-len(key), key)))
    found = _matchers.get(ordered)
    if found is None:
        if len(_matchers) >= _MAX_MATCHERS:
            _matchers.clear()
        found = _matchers[ordered] = re.compile("|".join(map(re.escape, ordered)))
    return found


def contents(mail: dict[str, Any]) -> tuple[str, str]:
    """Return the plain text and the HTML of a mail, unfilled."""
    text = html = ""
    for block in mail.get("content") or []:
        kind = block["type"].split(";")[0].strip().lower()
        if kind == "text/plain":
            text = text or block["value"]
        elif kind == "text/html":
            html = html or block["value"]
    return text, html


def first_link(*bodies: str) -> str:
    """Return the first tracked link (`/c/...`) in the bodies, else their first link, else ''."""
    for pattern in (_TRACKED, _LINK):
        for body in bodies:
            if found := pattern.search(body):
                return found[0].replace("&amp;", "&")
    return ""


def unsubscribe_link(headers: dict[str, str]) -> str:
    """Return the web address in List-Unsubscribe if one click is promised (RFC 8058)."""
    lower = {name.lower(): value for name, value in headers.items()}
    if "list-unsubscribe-post" not in lower:
        return ""
    found = _BRACKETED.search(lower.get("list-unsubscribe", ""))
    return found[1] if found else ""
