"""The addresses that an owner wrote and that are not tracked as they stand: those that a value
completes, those that his own HTML loses, and those that no program opens."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import zip_longest

from campaigns.content import ChannelContent
from campaigns.lint import links
from campaigns.lint.findings import ERROR, Finding
from communications import blocks, liquid, markup
from communications.addresses import Joint, addressed, begins_well
from communications.liquid import Output, Text
from communications.markup import Marks

_BEGUN = re.compile(r"https?://[^\s<>\"'{}]+", re.IGNORECASE)
_HOST_ENDS = re.compile(r"//[^/?#]+[/?#]")
_SCHEME = re.compile(r"(?<![\w.+-])([a-z][a-z0-9+.-]*)(://[^\s<>\"'{}]+)", re.IGNORECASE)
_LIKE_A_HOST = re.compile(
    r"(?://(?=[^\s/])(\S+)|((?:[\w-]+\.)+(?!html?\b|php\b|pdf\b)[a-z]{2,}(?:[:/?#]\S*)?))",
    re.IGNORECASE,
)
_SENTENCE = ".,;:!?)]"


def check(part: ChannelContent, *, html: str) -> Iterator[Finding]:
    """What is wrong with them.

    Args:
        html: the whole HTML of the email, or nothing.
    """
    for url in begun(part, html=html):
        if found := links.trouble(url):
            yield Finding(*found, part.channel)
    for url in lost(part.html):
        yield _lost(url, part.channel)
    for url in strange(part):
        said = f"{links.shortened(url)} is no address that people can open."
        instead = _SCHEME.sub(r"https\2", url)
        yield Finding(
            ERROR,
            "link_scheme_unknown",
            said,
            f"Did you mean {links.shortened(instead)}?",
            part.channel,
        )


def begun(part: ChannelContent, *, html: str) -> list[str]:
    """What is fixed of the addresses that a value or a condition completes, from the scheme on;
    without those of which a value decides the host."""
    found = list(_fixed(addressed(liquid.read(part.message), booking_url="")))
    marks = Marks()
    for href in markup.hrefs(marks.put(html)):
        found += _fixed(addressed(marks.tokens(href), booking_url="", is_whole=True))
    return list(dict.fromkeys(found))


def _fixed(pieces: Iterable) -> Iterator[str]:
    pieces = list(pieces)
    for piece, following in zip_longest(pieces, pieces[1:]):
        for match in _BEGUN.finditer(piece.text) if isinstance(piece, Text) else ():
            is_last = match.end() == len(piece.text)
            by_value = isinstance(following, Joint) and isinstance(following.token, Output)
            if is_last and by_value and not _HOST_ENDS.search(match[0]):
                continue
            if not match[0].endswith("://"):
                yield match[0] if is_last else match[0].rstrip(_SENTENCE)


def strange(part: ChannelContent) -> list[str]:
    """Words in it that look like a web address and begin with what no browser knows."""
    texts = [part.subject, part.preheader, part.message]
    texts += [str(b.get(key, "")) for b in part.blocks for key in ("text", "label")]
    if part.html:
        texts.append(blocks.text_of_html(blocks.sanitised(part.html)))
    found = (
        match[0].rstrip(_SENTENCE)
        for text in texts
        for token in liquid.read(text)
        if isinstance(token, Text)
        for match in _SCHEME.finditer(token.text)
        if match[1].lower() not in ("http", "https")
    )
    return list(dict.fromkeys(found))


def lost(html: str) -> list[str]:
    """The addresses that an owner's own HTML loses when it is made harmless."""
    return [url for url in dict.fromkeys(_Hrefs.of(html)) if not begins_well([Text(url)])]


def _lost(url: str, channel: str) -> Finding:
    like = _LIKE_A_HOST.fullmatch(url)
    unknown = _SCHEME.fullmatch(url)
    instead = f"https://{like[1] or like[2]}" if like else ""
    instead = f"https{unknown[2]}" if unknown else instead
    return Finding(
        ERROR,
        "link_lost",
        f"The link {links.shortened(url)} has no https:// and is taken out of the email.",
        f"Write {links.shortened(instead)}."
        if instead
        else "Write the whole address, as the browser's address bar shows it.",
        channel,
    )


class _Hrefs(HTMLParser):
    """The address of every link in some HTML, its Liquid as marks."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, html: str) -> list[str]:
        """Without those in which Liquid stands: what is wrong with them is said when they are
        saved."""
        marks, parser = Marks(), cls()
        parser.feed(marks.put(html))
        parser.close()
        return [url for url in parser.found if url and not marks.pattern.search(url)]

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append((dict(attrs).get("href") or "").strip())
