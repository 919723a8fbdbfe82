"""Text cut once into literal pieces and slots, so that one recipient costs one join."""

import re
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote

from communications.merge_fields import FIELD, MERGE_FIELDS

URL = re.compile(r"https?://[^\s<>\"'{}]+[^\s<>\"'{}.,;:!?)\]]")
URL_ENDS = re.compile(r"[\s<>\"'{}]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MARK = "\x00"  # delimits slots inside HTML while it is put together


@dataclass(frozen=True)
class Slot:
    """What differs per recipient: a merge field by name, or the link at a position.

    Attributes:
        in_url: it stands inside an address that the owner wrote, so that its value is a part of it.
    """

    name: str
    fallback: str = ""
    link: int | None = None
    in_url: bool = False

    def written(self, value: str) -> str:
        """The value (or the fallback) as it may stand here."""
        value = value or self.fallback
        return quote(value, safe="", errors="replace") if self.in_url else value


@dataclass(frozen=True)
class Compiled:
    """``literals`` and ``slots`` in turn; there is one literal more than slots."""

    literals: tuple[str, ...]
    slots: tuple[Slot, ...]

    def join(self, values: list[str]) -> str:
        """The text with one value per slot, in order."""
        parts = [self.literals[0]]
        for value, literal in zip(values, self.literals[1:], strict=True):
            parts += (value, literal)
        return "".join(parts)


def clean(value: str) -> str:
    """A value on one line: control characters and line breaks become a space."""
    return CONTROL.sub(" ", value) if CONTROL.search(value) else value


def targets(text: str, *, booking_url: str) -> list[str]:
    """The addresses in a text that become tracked links, each once, in order."""
    found = [node for node in _nodes(text, booking_url=booking_url) if isinstance(node, _Target)]
    return list(dict.fromkeys(node.url for node in found))


def compile_text(text: str, *, links: list[str], booking_url: str) -> Compiled:
    """Plain text: an email's plain part or an SMS. ``links`` are the tracked targets."""
    parts = []
    for node in _nodes(text, booking_url=booking_url):
        if isinstance(node, _Target) and node.url in links:
            parts.append(Slot("link", link=links.index(node.url)))
        else:
            parts.append(node.url if isinstance(node, _Target) else node)
    return _assemble(parts)


def compile_subject(text: str) -> Compiled:
    return _assemble([clean(n) if isinstance(n, str) else n for n in _fields(text)])


def compile_html(html: str, slots: list[Slot]) -> Compiled:
    """HTML in which slot number n is written as MARK n MARK."""
    parts: list[str | Slot] = []
    for index, piece in enumerate(html.split(MARK)):
        parts.append(piece if index % 2 == 0 else slots[int(piece)])
    return _assemble(parts)


def html_of(text: str, *, links: list[str], booking_url: str, slots: list[Slot]) -> str:
    """Plain text as HTML paragraphs; slots are appended to ``slots`` and marked."""
    out = []
    for node in _nodes(text, booking_url=booking_url):
        if isinstance(node, str):
            out.append(escape(node))
        elif isinstance(node, _Target) and node.url in links:
            mark = marked(Slot("link", link=links.index(node.url)), slots)
            out.append(f'<a href="{mark}">{escape(node.url)}</a>')
        elif isinstance(node, _Target):
            out.append(escape(node.url))
        elif MERGE_FIELDS[node.name].is_link:
            mark = marked(node, slots)
            out.append(f'<a href="{mark}">{mark}</a>')
        else:
            out.append(marked(node, slots))
    paragraphs = re.split(r"\n\s*\n", "".join(out).replace("\r\n", "\n").strip())
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in paragraphs)


def marked(slot: Slot, slots: list[Slot]) -> str:
    if slot not in slots:
        slots.append(slot)
    return f"{MARK}{slots.index(slot)}{MARK}"


@dataclass(frozen=True)
class _Target:
    url: str


def _fields(text: str) -> list[str | Slot]:
    nodes: list[str | Slot] = []
    end = 0
    for match in FIELD.finditer(text):
        nodes.append(text[end : match.start()])
        field = MERGE_FIELDS.get(match["name"])
        if field is None:  # validated when saved; a word retired since stays as written
            nodes.append(match[0])
        else:
            nodes.append(Slot(field.name, fallback=match["fallback"] or field.default))
        end = match.end()
    nodes.append(text[end:])
    return [node for node in nodes if node != ""]


def _nodes(text: str, *, booking_url: str) -> list[str | Slot | _Target]:
    """Literals, slots and link targets. An address that a slot completes is left as written."""
    nodes: list[str | Slot | _Target] = []
    fields = _fields(text.replace(MARK, ""))
    in_url = False
    for index, node in enumerate(fields):
        if isinstance(node, Slot):
            is_booking = node.name == "booking_link" and booking_url
            is_part = in_url and not MERGE_FIELDS[node.name].is_link
            nodes.append(_Target(booking_url) if is_booking else replace(node, in_url=is_part))
            continue
        followed = index + 1 < len(fields) and isinstance(fields[index + 1], Slot)
        pieces = URL_ENDS.split(node)
        begun = len(pieces[0]) if in_url else 0  # the rest of an address that began before
        in_url = begun == len(node) or "://" in pieces[-1]
        nodes.append(node[:begun])
        end = begun
        for match in URL.finditer(node, begun):
            if followed and not node[match.end() :].strip(".,;:!?)]=&"):
                continue
            nodes += (node[end : match.start()], _Target(match[0]))
            end = match.end()
        nodes.append(node[end:])
    return [node for node in nodes if node != ""]


def _assemble(parts: list[str | Slot]) -> Compiled:
    literals, slots = [""], []
    for part in parts:
        if isinstance(part, Slot):
            slots.append(part)
            literals.append("")
        else:
            literals[-1] += part
    return Compiled(tuple(literals), tuple(slots))
