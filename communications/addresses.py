"""Web addresses in templates: which become tracked links, and which values are parts of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from communications.liquid import Output, Tag, Text, Token
from communications.liquid.tokens import DIVIDERS, ENDS
from communications.merge_fields import MERGE_FIELDS

URL = re.compile(r"https?://[^\s<>\"'{}]+[^\s<>\"'{}.,;:!?)\]]")
URL_ENDS = re.compile(r"[\s<>\"'{}]")
_FOLLOWED = re.compile(r"(?:https?://|mailto:|tel:)[^\s/]", re.IGNORECASE)
_SENTENCE = ".,;:!?)]"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that stands complete in the template."""

    url: str


@dataclass(frozen=True, slots=True)
class Joint:
    """Liquid; ``in_url`` when its value is a part of an address begun before."""

    token: Output | Tag
    in_url: bool = False


@dataclass
class Flow:
    """Whether the place reached is within an address. Each branch goes on from its condition."""

    in_url: bool = False
    stack: list[tuple[bool, list[bool], list[str]]] = field(default_factory=list)

    def text(self, text: str) -> int:
        """Go over a text.

        Returns:
            How many of its first characters belong to an address begun before.
        """
        if not text:
            return 0
        pieces = URL_ENDS.split(text)
        begun = len(pieces[0]) if self.in_url else 0
        self.in_url = begun == len(text) or "://" in pieces[-1]
        return begun

    def output(self, token: Output) -> bool:
        """Whether the value is a part of an address. A link begins one."""
        if is_link(token):
            self.in_url = True
            return False
        return self.in_url

    def tag(self, token: Tag) -> None:
        if token.name in DIVIDERS:
            self.stack.append((self.in_url, [], []))
            return
        before, ends, seen = self.stack[-1]
        ends.append(self.in_url)
        seen.append(token.name)
        self.in_url = before
        if token.name in ENDS:
            self.stack.pop()
            self.in_url = any(ends) or ("else" not in seen and before)


def is_link(token: Output) -> bool:
    """Whether it becomes one: its fallback may be an address, too, but no other words."""
    known = MERGE_FIELDS.get(token.name)
    fallback = token.fallback
    return bool(
        known and known.is_link and fallback is not None and (not fallback or URL.match(fallback))
    )


def begins_well(tokens: list[Token]) -> bool:
    """Whether the value of an ``href`` begins, in every branch, with what may be followed: a web
    or mail address, a number to call, or a merge field that is a link."""
    blocks = _Blocks(tokens)
    good = [True] * (len(tokens) + 1)
    for index in reversed(range(len(tokens))):
        token = tokens[index]
        if isinstance(token, Output):
            good[index] = is_link(token)
        elif isinstance(token, Text):
            good[index] = bool(_FOLLOWED.match(token.text))
        else:
            good[index] = all(good[at] for at in blocks.next_places(index))
    return good[0]


def addressed(
    tokens: list[Token], *, booking_url: str, is_whole: bool = False
) -> Iterator[Text | Address | Joint]:
    """Find the addresses. One that something else completes is left as written.

    Args:
        is_whole: the tokens are one address and nothing else: the value of an ``href``.
    """
    continued = _continued(tokens, is_whole=is_whole)
    flow = Flow(in_url=is_whole)
    for index, token in enumerate(tokens):
        if isinstance(token, Tag):
            flow.tag(token)
            yield Joint(token)
        elif isinstance(token, Output):
            if token.name == "booking_link" and is_link(token) and booking_url:
                flow.output(token)
                yield Address(booking_url)
            else:
                yield Joint(token, flow.output(token))
        elif is_whole:
            is_alone = not continued[index + 1] and URL.match(token.text)
            yield Address(token.text) if is_alone else token
        else:
            yield from _in_text(token.text, flow, is_followed=continued[index + 1])


def _in_text(text: str, flow: Flow, *, is_followed: bool) -> Iterator[Text | Address]:
    end = flow.text(text)
    if end:
        yield Text(text[:end])
    for match in URL.finditer(text, end):
        if is_followed and not text[match.end() :].strip(f"{_SENTENCE}=&"):
            continue
        if match.start() > end:
            yield Text(text[end : match.start()])
        yield Address(match[0])
        end = match.end()
    if end < len(text):
        yield Text(text[end:])


def _continued(tokens: list[Token], *, is_whole: bool) -> list[bool]:
    """For each place between tokens, whether what comes may complete an address before it."""
    blocks = _Blocks(tokens)
    found = [False] * (len(tokens) + 1)
    for index in reversed(range(len(tokens))):  # each place looks at later ones only
        token = tokens[index]
        if isinstance(token, Output):
            found[index] = True
        elif isinstance(token, Text):
            rest = URL_ENDS.split(token.text, 1)[0].strip(_SENTENCE)
            found[index] = is_whole or bool(rest)
        else:
            found[index] = any(found[at] for at in blocks.next_places(index))
    return found


class _Blocks:
    """Where one may go on from a tag: into each branch, or behind its block."""

    def __init__(self, tokens: list[Token]):
        self._next: dict[int, list[int]] = {}
        stack: list[tuple[int, list[int]]] = []
        for index, token in enumerate(tokens):
            if not isinstance(token, Tag):
                continue
            if token.name in DIVIDERS:
                stack.append((index, []))
                continue
            opening, dividers = stack[-1]
            if token.name not in ENDS:
                dividers.append(index)
                continue
            stack.pop()
            first = [] if tokens[opening].name == "case" else [opening]
            self._next[opening] = [at + 1 for at in (*first, *dividers)]
            if not any(tokens[at].name == "else" for at in dividers):
                self._next[opening].append(index + 1)
            self._next |= {at: [index + 1] for at in (*dividers, index)}

    def next_places(self, index: int) -> list[int]:
        return self._next[index]
