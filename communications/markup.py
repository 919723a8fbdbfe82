"""HTML with Liquid in it: kept whole on its way through other programs, and cut into pieces."""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape

from communications import liquid
from communications.addresses import Address, Flow, Joint, addressed, is_link
from communications.compiled import Compiled, Node, assemble
from communications.liquid import Output, Tag, Text, Token

_BRACES = re.compile(r"\{(?=[{%])")
# As nh3 and MJML write it: every attribute in double quotation marks.
_HREF = re.compile(r"<a(?:\s+[\w:-]+(?:=\"[^\"]*\")?)*?\s+href=\"(?P<href>[^\"]*)\"")


@dataclass(frozen=True)
class _Whole:
    """HTML that is put back as it is."""

    source: str


class Marks:
    """Liquid taken out of a text and put back, so that no program in between changes it."""

    def __init__(self):
        # Letters and digits, which no program escapes; at random, so that no text has one; and
        # first what cannot begin the scheme of an address.
        self._nonce = f"_{secrets.token_hex(8)}n"
        self.pattern = re.compile(f"{self._nonce}([0-9]+)e")
        self.kept: list[Output | Tag | _Whole] = []

    def put(self, source: str, *, is_part: bool = False) -> str:
        """The text with a mark for each piece of Liquid.

        Args:
            is_part: a beginning or an end alone, whose counterpart is put in, too.
        """
        return self.put_tokens(liquid.read(source, is_part=is_part))

    def put_tokens(self, tokens: Iterable[Token]) -> str:
        return "".join(
            token.text if isinstance(token, Text) else self._mark(token) for token in tokens
        )

    def whole(self, source: str) -> str:
        """One mark for all of it: its text is escaped here and seen by no other program."""
        tokens = liquid.read(source)
        html = "".join(literal(t.text) if isinstance(t, Text) else t.source for t in tokens)
        return self._mark(_Whole(html)) if html else ""

    def html(self, source: str) -> str:
        """One mark for HTML that is ready, with its Liquid."""
        return self._mark(_Whole(source))

    def words(self, text: str) -> str:
        """The same for a text in which nothing is Liquid, such as the shop's name."""
        return self._mark(_Whole(literal(text))) if text else ""

    def restored(self, marked: str) -> str:
        """The text with its Liquid as it was written, and nothing else that looks like some."""
        literal_braces = _BRACES.sub("&#123;", marked)
        return self.pattern.sub(lambda mark: self.kept[int(mark[1])].source, literal_braces)

    def _mark(self, piece) -> str:
        self.kept.append(piece)
        return f"{self._nonce}{len(self.kept) - 1}e"

    def tokens(self, marked: str) -> list[Token]:
        tokens: list[Token] = []
        for index, piece in enumerate(self.pattern.split(marked)):
            if index % 2:
                tokens.append(self.kept[int(piece)])
            elif piece:
                tokens.append(Text(piece))
        return tokens


def literal(text: str) -> str:
    """A text for HTML in which nothing is Liquid, whatever it looks like."""
    return escape(text).replace("{", "&#123;")


def hrefs(marked: str) -> list[str]:
    """The values of all links, with marks in them."""
    return [unescape(found["href"]) for found in _HREF.finditer(marked)]


def targets(source: str, *, booking_url: str) -> list[str]:
    """The addresses that become tracked links, each once, in order."""
    marks = Marks()
    marked = marks.put(source)
    pieces = (
        piece
        for href in hrefs(marked)
        for piece in addressed(marks.tokens(href), booking_url=booking_url, is_whole=True)
    )
    return list(dict.fromkeys(piece.url for piece in pieces if isinstance(piece, Address)))


def compile_html(source: str, *, links: list[str], booking_url: str) -> Compiled:
    """HTML of our own making. ``links`` are the tracked targets."""
    return assemble(_nodes(source, links=links, booking_url=booking_url))


def _nodes(source: str, *, links: list[str], booking_url: str) -> Iterator[Node]:
    marks = Marks()
    marked = marks.put(source)
    flow, end = Flow(), 0
    places = {url: place for place, url in enumerate(links)}
    for found in _HREF.finditer(marked):
        yield from _between(marked[end : found.start("href")], marks, flow, booking_url)
        tokens = marks.tokens(unescape(found["href"]))
        for piece in addressed(tokens, booking_url=booking_url, is_whole=True):
            yield _in_href(piece, places)
            if isinstance(piece, Joint) and isinstance(piece.token, Tag):
                flow.tag(piece.token)
        end = found.end("href")
        flow.in_url = False
    yield from _between(marked[end:], marks, flow, booking_url)


def _in_href(piece, places: dict[str, int]) -> Node:
    if isinstance(piece, Address) and piece.url in places:
        return Node(link=places[piece.url])
    if isinstance(piece, Joint):
        return Node(token=piece.token, place="url" if piece.in_url else "html")
    return Node(escape(piece.url if isinstance(piece, Address) else piece.text))


def _between(marked: str, marks: Marks, flow: Flow, booking_url: str) -> Iterator[Node]:
    for token in marks.tokens(marked):
        if isinstance(token, Text):
            flow.text(token.text)
            yield Node(token.text)
        elif isinstance(token, Tag):
            flow.tag(token)
            yield Node(token=token)
        elif is_link(token) and token.name == "booking_link" and booking_url:
            flow.output(token)
            yield Node(escape(booking_url))  # what a link says, the same for everybody
        else:
            yield Node(token=token, place="url" if flow.output(token) else "html")


def of_text(text: str, *, link_style: str = "") -> str:
    """Plain text as HTML paragraphs with the same Liquid, and addresses as links."""
    marks = Marks()
    html = _linked(text, marks, link_style).replace("\r\n", "\n").strip()
    parts = re.split(r"\n\s*\n", html)
    return marks.restored("".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts))


def of_line(text: str) -> str:
    """The same without paragraphs and links, for headings."""
    marks = Marks()
    marked = marks.put(text)
    return marks.restored(literal(marked).replace("\r\n", "\n").replace("\n", "<br>"))


def _linked(text: str, marks: Marks, link_style: str) -> str:
    style = f' style="{link_style}"' if link_style else ""
    out = []
    for piece in addressed(liquid.read(text), booking_url=""):
        if isinstance(piece, Address):
            url = escape(piece.url)
            out.append(f'<a href="{url}"{style}>{url}</a>')
        elif isinstance(piece, Text):
            out.append(literal(piece.text))
        elif isinstance(piece.token, Output) and is_link(piece.token):
            said = marks.put_tokens([piece.token])
            out.append(f'<a href="{said}"{style}>{said}</a>')
        else:
            out.append(marks.put_tokens([piece.token]))
    return "".join(out)
