"""The plain text of an email that is written as blocks or as HTML. Its Liquid stays."""

import re
from html.parser import HTMLParser

from communications import liquid
from communications.markup import Marks

_NAMES = """
address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul
"""
_BLOCKS = frozenset(_NAMES.split())
_WIDE = _BLOCKS - {"address", "article", "br", "dd", "div", "dt", "hr", "li", "section", "tr"}


def text_of_blocks(blocks: tuple[dict, ...]) -> str:
    """One paragraph per block; what may vanish takes its blank lines with it."""
    parts = [_WRITERS[block["type"]](_contained(block)) for block in blocks]
    return "".join(part for part in parts if part).strip()


def _contained(block: dict) -> dict:
    return {
        key: liquid.contained(value) if isinstance(value, str) else value
        for key, value in block.items()
    }


def _offer(block: dict) -> str:
    text = f"{block['text']}\n" if block.get("text") else ""
    return (
        f"{{% if offer_in_words %}}\n\n{text}{{{{ offer_in_words }}}}"
        "{% if offer_code %} - {{ offer_code }}{% endif %}"
        "{% if offer_expires_on %} ({{ offer_expires_on }}){% endif %}{% endif %}"
    )


def openings_field(block: dict) -> str:
    """The merge field that holds as many free times as the block wants."""
    return f"barber_openings_{block.get('count', 3)}"


def _openings(block: dict) -> str:
    name = openings_field(block)
    text = f"{block['text']}\n" if block.get("text") else ""
    return f"{{% if {name} %}}\n\n{text}{{{{ {name} }}}}{{% endif %}}"


def _image(block: dict) -> str:
    said = ": ".join(filter(None, [block.get("alt"), block.get("link")]))
    return f"\n\n{said}" if block.get("link") else ""


_WRITERS = {
    "heading": lambda block: f"\n\n{block['text']}",
    "text": lambda block: f"\n\n{block['text']}",
    "image": _image,
    "button": lambda block: f"\n\n{block['label']}: {block['url']}",
    "offer": _offer,
    "divider": lambda block: "\n\n* * *",
    "openings": _openings,
}


def text_of_html(html: str) -> str:
    """What a reader sees, with the address after the words of each link."""
    marks = Marks()
    reader = _Reader()
    reader.feed(marks.put(html))
    reader.close()
    text = re.sub(r"[ \t\r\f]+", " ", "".join(reader.parts))
    text = re.sub(r" ?\n ?", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    # Looked for in the whole: what stood in two elements may be Liquid only when it is joined.
    text = re.sub(rf"\{{(?=[{{%]|{marks.pattern.pattern})", "{ ", text)
    return "".join(
        token.text if hasattr(token, "text") else token.source for token in marks.tokens(text)
    )


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "a":
            self.links.append((known.get("href") or "", len(self.parts)))
        elif tag == "img":
            self.parts.append(known.get("alt") or "")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _WIDE else "\n")

    def handle_endtag(self, tag):
        if tag == "a" and self.links:
            url, start = self.links.pop()
            said = "".join(self.parts[start:]).strip()
            if url and said != url:
                self.parts.append(f" ({url})" if said else url)
        elif tag in _WIDE:
            self.parts.append("\n\n")
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_data(self, data):
        self.parts.append(data.replace("\n", " "))
