"""Words that a shop's own HTML hides, and that are seen when it is made harmless.

They are not kept hidden: what readers do not see, filters take for a trick (spam, cloaking), and
the line beside the subject has a field of its own.
"""

import re
from html.parser import HTMLParser

import nh3

from communications.blocks.sanitising import CONTENT_TAGS, TAGS, VOID
from communications.markup import Marks

_HIDES = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?(?![.\d])"
    r"|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_CUTS = (
    re.compile(r"(?<![\w-])max-height\s*:\s*0(?![.\d])", re.IGNORECASE),
    re.compile(r"(?<![\w-])overflow\s*:\s*hidden", re.IGNORECASE),
)


def hidden_words(html: str) -> list[str]:
    """The texts, each once, on one line and with their Liquid as it is written."""
    marks = Marks()
    whole = nh3.clean(  # every element closed, as a mail program would read it
        marks.put(html),
        tags=TAGS,
        attributes={"*": {"style", "hidden"}},
        clean_content_tags=CONTENT_TAGS,
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(whole)
    reader.close()
    words = (" ".join(marks.restored(text).split()) for text in reader.found)
    return list(dict.fromkeys(text for text in words if text.strip("\u034f\u200c\u00ad\ufeff ")))


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.depth = 0  # within an element that is hidden

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        if self.depth:
            self.depth += 1
        elif _is_hidden(dict(attrs)):
            self.depth = 1
            self.found.append("")

    def handle_endtag(self, tag):
        if self.depth and tag not in VOID:
            self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.found[-1] += data


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style") or ""
    return (
        "hidden" in attributes
        or bool(_HIDES.search(style))
        or all(each.search(style) for each in _CUTS)
    )
