"""Where the links of a message lead, as one customer would get it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings

from campaigns.content import ChannelContent
from campaigns.lint import links, words
from communications import markup
from communications.addresses import URL


@dataclass(frozen=True)
class Link:
    """``trouble`` says what is wrong with the address, or nothing; ``is_tracked`` when clicks are
    counted."""

    url: str
    trouble: str
    is_tracked: bool


def of(part: ChannelContent, made: Mapping, *, shop) -> Iterator[Link]:
    """Those that are tracked and the shop's own; then all others as he reads them."""
    tracked = set(words.tracked(part, shop=shop))
    known = words.addresses(part, shop=shop)
    for url in dict.fromkeys([*known, *_read(made)]):
        is_web = URL.match(url)
        found = links.trouble(url) if is_web else None
        yield Link(url, found[2] if found else "", url in tracked)


def _read(made: Mapping) -> Iterator[str]:
    """The addresses in what was made, without those that are ours in every message."""
    ours = tuple(f"{settings.PUBLIC_BASE_URL}/{door}/" for door in ("c", "u"))
    written = markup.hrefs(made.get("html", "")) + URL.findall(made.get("text", ""))
    return (url for url in written if url and not url.startswith(ours))
