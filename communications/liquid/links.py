"""Links stand alone: what is put behind one, or made of it, leads elsewhere."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Protocol

from communications.liquid.expressions import shown
from communications.liquid.tokens import DIVIDERS, ENDS, Output, Tag, TemplateError, Text, Token

# Where an address ends for whoever reads it, and what is a part of it if it comes before.
_ENDS = re.compile("[\\s<>\"'{}|*\u2018-\u201f\u2026\u2013\u2014\u00ab\u00bb]")
_PART = re.compile(r"[\w/#]")
_HARMLESS = "default"


class Field(Protocol):
    is_link: bool
    is_own_page: bool


def check(tokens: Iterable[Token], *, known: Mapping[str, Field], is_html: bool) -> None:
    """Refuse links that would lead elsewhere than they say.

    Raises:
        TemplateError: with what is wrong and what to write.
    """
    place = _Place()
    for token in tokens:
        if isinstance(token, Text):
            _check_behind(place.behind, token.text, is_html=is_html)
            place.text(unescape(token.text) if is_html else token.text)
        elif isinstance(token, Tag):
            place.tag(token)
        else:
            _check_filters(token, known)
            if place.behind:
                raise TemplateError(_glued(place.behind, token.source), line=token.line)
            place.behind = token if known[token.name].is_own_page else None


class _Place:
    """The link that is still open where one reads. Each branch goes on from its condition."""

    def __init__(self):
        self.behind: Output | None = None
        self._stack: list[tuple[Output | None, list[Output | None], list[str]]] = []

    def text(self, text: str) -> None:
        if _ENDS.search(text):
            self.behind = None

    def tag(self, token: Tag) -> None:
        if token.name in DIVIDERS:
            self._stack.append((self.behind, [], []))
            return
        before, ends, seen = self._stack[-1]
        ends.append(self.behind)
        seen.append(token.name)
        self.behind = before
        if token.name in ENDS:
            self._stack.pop()
            whole = [*ends, None if "else" in seen else before]
            self.behind = next(filter(None, whole), None)


def _check_behind(link: Output | None, text: str, *, is_html: bool) -> None:
    if link is None:
        return
    rest = _ENDS.split(unescape(text) if is_html else text, 1)[0]
    if _PART.search(rest):
        line = link.line + link.source.count("\n")
        raise TemplateError(_glued(link, rest), line=line)


def _check_filters(token: Output, known: Mapping[str, Field]) -> None:
    for each in token.filters:
        if known[token.name].is_link and each.name != _HARMLESS:
            raise TemplateError(
                f"{{{{ {token.name} }}}} is a link: {each.name} would change where it leads. Write "
                f"{{{{ {token.name} }}}} without it.",
                line=token.line,
            )


def _glued(link: Output, rest: str) -> str:
    return (
        f'"{shown(rest)}" right behind {{{{ {link.name} }}}} would break the link or be lost: it '
        "is a page of ours that leads on. Put a space between them; for a link with more in its "
        "address, write the whole address instead: its clicks are counted, too."
    )
