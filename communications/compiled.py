"""Text cut once into literal pieces and slots, so that one recipient costs one join.

A slot is a merge field or a tracked link; or a passage: a piece of Liquid (a condition, a value
with filters) that is evaluated per recipient. What a value may do where it lands is decided here,
once: it is escaped in HTML, percent-encoded within an address, and never expanded again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import quote, unquote

from communications import liquid
from communications.addresses import Address, addressed
from communications.liquid import Output, Tag, Text
from communications.liquid.tokens import DIVIDERS, ENDS, NOTHING, WORDS
from communications.merge_fields import MERGE_FIELDS
from communications.written import SPECIAL, clean

__all__ = ["Compiled", "Node", "Passage", "Slot", "Value", "assemble", "clean"]


@dataclass(frozen=True)
class Passage:
    """Liquid of our own making, and what it needs.

    Attributes:
        constants: texts that hold braces, by the name under which the Liquid reads them.
        place: of one field alone, where it stands; see ``Node``.
    """

    source: str
    fields: tuple[str, ...]
    links: tuple[int, ...]
    constants: tuple[tuple[str, str], ...]
    is_one_line: bool = False
    place: str = "text"

    @property
    def is_output(self) -> bool:
        """One field with its filters, in no condition."""
        return self.source.startswith("{{")

    def read(self, written: str) -> str:
        """What stands in it, as its reader reads it."""
        return {"html": unescape, "url": unquote}.get(self.place, str)(written)


Value = Callable[["Slot"], str | int | None]


@dataclass(frozen=True)
class Slot:
    """What differs per recipient: a merge field by name, the link at a position, or a passage.

    Attributes:
        in_url: it stands inside an address that the owner wrote, so that its value is a part of it.
    """

    name: str
    fallback: str = ""
    link: int | None = None
    in_url: bool = False
    passage: Passage | None = None

    def written(self, value: str) -> str:
        """The value (or the fallback) as it may stand here."""
        value = value or self.fallback
        return quote(value, safe="", errors="replace") if self.in_url else value

    def evaluated(self, value: Value) -> str:
        """A passage, or a field, with the values that ``value`` gives for plain slots.

        Raises:
            liquid.exceptions.LiquidError: when a passage cannot be evaluated.
        """
        if self.passage is None:
            found = value(self)
            return self.written("" if found is None else str(found))
        made = liquid.render(self.passage.source, self.known(value))
        return clean(made) if self.passage.is_one_line else made

    def known(self, value: Value) -> dict[str, str | int | None]:
        """What a passage may read; None is an empty value."""
        known: dict[str, str | int | None] = dict(self.passage.constants)
        for name in self.passage.fields:
            found = value(Slot(name))
            known[name] = None if found == "" else found
        for link in self.passage.links:
            known[f"_link_{link}"] = value(Slot("link", link=link))
        return known

    @property
    def is_safe(self) -> bool:
        """In HTML as it is: our own links are, and a passage has escaped its values itself."""
        return self.link is not None or self.passage is not None or self.in_url

    def in_html(self, value: str) -> str:
        """What stands here as HTML."""
        return value if self.is_safe or not SPECIAL.search(value) else escape(value)


@dataclass(frozen=True)
class Compiled:
    """``literals`` and ``slots`` in turn; there is one literal more than slots."""

    literals: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every merge field that is read, those in conditions too."""
        passages = (slot.passage for slot in self.slots if slot.passage)
        plain = {slot.name for slot in self.slots if slot.link is None and not slot.passage}
        return frozenset(plain.union(*(passage.fields for passage in passages)))

    def join(self, values: list[str]) -> str:
        """The text with one value per slot, in order."""
        parts = [self.literals[0]]
        for value, literal in zip(values, self.literals[1:], strict=True):
            parts += (value, literal)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Node:
    """A literal in its final form, a link by position, or Liquid with the place where it stands.

    Attributes:
        place: ``text``, ``html`` or ``url``.
    """

    literal: str = ""
    link: int | None = None
    token: Output | Tag | None = None
    place: str = "text"


def targets(text: str, *, booking_url: str) -> list[str]:
    """The addresses in a text that become tracked links, each once, in order."""
    pieces = addressed(liquid.read(text), booking_url=booking_url)
    return list(dict.fromkeys(piece.url for piece in pieces if isinstance(piece, Address)))


def compile_text(text: str, *, links: list[str], booking_url: str) -> Compiled:
    """Plain text: an email's plain part or an SMS. ``links`` are the tracked targets."""
    pieces = addressed(liquid.read(text), booking_url=booking_url)
    return assemble(text_nodes(pieces, links=links))


def text_nodes(pieces: Iterable, *, links: list[str]) -> Iterator[Node]:
    places = {url: place for place, url in enumerate(links)}
    for piece in pieces:
        if isinstance(piece, Text):
            yield Node(piece.text)
        elif isinstance(piece, Address):
            place = places.get(piece.url)
            yield Node(piece.url) if place is None else Node(link=place)
        else:
            yield Node(token=piece.token, place="url" if piece.in_url else "text")


def compile_subject(text: str) -> Compiled:
    nodes = (
        Node(clean(token.text)) if isinstance(token, Text) else Node(token=token)
        for token in liquid.read(text)
    )
    return assemble(nodes, is_one_line=True)


def assemble(nodes: Iterable[Node], *, is_one_line: bool = False) -> Compiled:
    """Neighbouring literals as one; what depends on the recipient as slots."""
    literals, slots = [""], []
    depth, block = 0, None
    for node in nodes:
        token = node.token
        if isinstance(token, Tag) and token.name in DIVIDERS:
            depth += 1
            block = block or _Writer()
        if block is not None:
            block.add(node)
            depth -= isinstance(token, Tag) and token.name in ENDS
            slot = block.slot(is_one_line) if not depth else None
            block = None if slot else block
        else:
            slot = _slot(node, is_one_line)
        if slot is not None:
            slots.append(slot)
            literals.append("")
        elif block is None:
            literals[-1] += node.literal or (token.source if token else "")
    return Compiled(tuple(literals), tuple(slots))


def _slot(node: Node, is_one_line: bool) -> Slot | None:
    """Of a node that is in no condition. None for text, and for a word retired since it was
    stored, which stays as it was written."""
    if node.link is not None:
        return Slot("link", link=node.link)
    token = node.token
    if not isinstance(token, Output) or not MERGE_FIELDS.keys() >= set(token.names):
        return None
    fallback = token.fallback
    if fallback is not None:
        default = fallback or MERGE_FIELDS[token.name].default
        return Slot(token.name, fallback=default, in_url=node.place == "url")
    writer = _Writer()
    writer.add(node)
    return writer.slot(is_one_line, place=node.place)


@dataclass
class _Writer:
    """Writes a passage back as Liquid."""

    parts: list[str] = field(default_factory=list)
    fields: dict[str, None] = field(default_factory=dict)
    links: dict[int, None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)  # names by text
    is_before_when: bool = False

    def add(self, node: Node) -> None:
        token = node.token
        if node.link is not None:
            self.links[node.link] = None
            self.parts.append(f"{{{{ _link_{node.link} }}}}")
        elif isinstance(token, Tag):
            self.is_before_when = token.name == "case"
            terms = (self._term(term, in_condition=True) for term in token.terms)
            self.parts.append(f"{{% {' '.join([token.name, *terms])} %}}")
        elif isinstance(token, Output):
            self.parts.append(self._output(token, node.place))
        elif "{" in node.literal:
            self.parts.append(f"{{{{ {self._constant(node.literal)} }}}}")
        elif not self.is_before_when:
            self.parts.append(node.literal)

    def slot(self, is_one_line: bool, *, place: str = "text") -> Slot:
        passage = Passage(
            "".join(self.parts),
            tuple(self.fields),
            tuple(self.links),
            tuple((name, text) for text, name in self.constants.items()),
            is_one_line,
            place,
        )
        return Slot("passage", passage=passage)

    def _output(self, token: Output, place: str) -> str:
        if not MERGE_FIELDS.keys() >= set(token.names):
            return f"{{{{ {self._constant(token.source)} }}}}"
        self.fields[token.name] = None
        filters = [
            ": ".join([each.name, *filter(None, [", ".join(map(self._term, each.arguments))])])
            for each in token.filters
        ]
        default = MERGE_FIELDS[token.name].default
        if default and all(each.name != "default" for each in token.filters):
            filters.insert(0, f"default: {self._constant(default)}")
        if place != "text":
            filters.append(f"as_{place}")
        return f"{{{{ {' | '.join([token.name, *filters])} }}}}"

    def _term(self, term: liquid.Term, *, in_condition: bool = False) -> str:
        if term.kind == "text" and (term.value or not in_condition):
            return self._constant(term.value)
        if term.kind == "name" and term.value in MERGE_FIELDS:
            self.fields[term.value] = None
        elif term.kind == "text" or (term.kind == "name" and term.value not in WORDS - NOTHING):
            return "nil"  # an empty value is nothing; so is a word retired since it was stored
        return term.value

    def _constant(self, text: str) -> str:
        return self.constants.setdefault(text, f"_text_{len(self.constants)}")
