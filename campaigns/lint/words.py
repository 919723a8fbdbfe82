"""What can be said of the words themselves, whoever reads them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from campaigns.content import ChannelContent
from campaigns.lint import links, written_links
from campaigns.lint.findings import ERROR, NOTE, WARNING, Finding
from communications import blocks, liquid, rendering
from communications.models import Dispatch
from customers.channels import Channel

# Programs on phones show about so much; a longer one is cut where nobody chose.
LONG_SUBJECT = 60
SHOWN = 60  # characters of a passage that is repeated to its owner
_STOP = re.compile(r"\bSTOP\b")
SHOP_LINKS = {
    "booking_link": "booking_url",
    "shop_website": "website_url",
    "review_link": "review_url",
}
NAMES = {
    "booking_url": "booking address",
    "website_url": "website",
    "review_url": "address for reviews",
}


def check(part: ChannelContent, *, shop) -> Iterator[Finding]:
    """All findings about one text or email."""
    channel = part.channel
    yield from _addresses(part, shop=shop)
    yield from _shop_links(part, shop=shop)
    if channel == Channel.SMS:
        yield from _text(part, shop=shop)
    else:
        yield from _subject(part)
        yield from _images(part)
        yield from _hidden(part)


def _addresses(part: ChannelContent, *, shop) -> Iterator[Finding]:
    for url in addresses(part, shop=shop):
        if found := links.trouble(url):
            level, code, message, advice = found
            yield Finding(level, code, message, advice, part.channel)
    yield from written_links.check(part, html=_html(part, shop=shop))


def addresses(part: ChannelContent, *, shop) -> list[str]:
    """Where its links lead: those that are tracked, and the shop's own that its fields name."""
    found = tracked(part, shop=shop)
    own = (getattr(shop, attribute) for name, attribute in _used(part))
    return list(dict.fromkeys([*found, *filter(None, own)]))


def tracked(part: ChannelContent, *, shop) -> list[str]:
    """Those whose clicks are counted."""
    html = _html(part, shop=shop)
    return rendering.link_targets(text=part.message, html=html, shop=shop)


def _html(part: ChannelContent, *, shop) -> str:
    if part.channel != Channel.EMAIL:
        return ""
    return blocks.source(shop=shop, kind=Dispatch.Kind.MARKETING, content=part)


def _used(part: ChannelContent) -> list[tuple[str, str]]:
    names = part.merge_fields
    return [(name, attribute) for name, attribute in SHOP_LINKS.items() if name in names]


def _shop_links(part: ChannelContent, *, shop) -> Iterator[Finding]:
    needed = part.needed_fields
    for name, attribute in _used(part):
        if getattr(shop, attribute):
            continue
        yield Finding(
            ERROR if name in needed else NOTE,
            "shop_link_missing",
            f"{{{{ {name} }}}} is written, but the shop has no {NAMES[attribute]}.",
            f"Enter the {NAMES[attribute]} in the shop's settings, or take the link out.",
            part.channel,
            name,
        )


def _text(part: ChannelContent, *, shop) -> Iterator[Finding]:
    if found := links.shortener_in(part.message):
        yield Finding(
            WARNING,
            "link_shortener",
            f"The text has a link of {found}, which many shops share.",
            "Carriers block such texts: write the real address. Clicks are counted all the same.",
            part.channel,
        )
    whole = rendering.sms_text(part.message, shop=shop, kind=Dispatch.Kind.MARKETING)
    if len(_STOP.findall(liquid.outside(whole))) > 1:
        yield Finding(
            NOTE,
            "stop_twice",
            "The text says more than once how to stop.",
            "Write “Reply STOP to opt out” once, or leave it out: it is added where it is missing.",
            part.channel,
        )


def _subject(part: ChannelContent) -> Iterator[Finding]:
    said = liquid.outside(part.subject)
    plain = "".join(t.text for t in liquid.read(said) if isinstance(t, liquid.Text)).strip()
    if len(plain) > LONG_SUBJECT:
        yield Finding(
            NOTE,
            "subject_long",
            f"The subject has {len(plain)} characters without its merge fields.",
            f"Phones show about {LONG_SUBJECT}: put first what matters.",
            part.channel,
        )
    letters = [char for char in plain if char.isalpha()]
    if len(letters) >= 8 and all(char.isupper() for char in letters):
        yield Finding(
            WARNING,
            "subject_capitals",
            "The subject is in capitals only.",
            "Write it as a sentence: spam filters and people take capitals for shouting.",
            part.channel,
        )


def _images(part: ChannelContent) -> Iterator[Finding]:
    images = [(b["url"], b.get("alt", "")) for b in part.blocks if b["type"] == "image"]
    images += _Images.of(part.html)
    if silent := sum(not said.strip() for _, said in images):
        yield Finding(
            WARNING,
            "image_without_words",
            f"{silent} image{'s have' if silent > 1 else ' has'} no alternative text.",
            "Say in it what the image shows: many programs load no images until they are asked.",
            part.channel,
        )
    for source in dict.fromkeys(source for source, _ in images):
        if not source or "{" in source or not (found := links.trouble(source)):
            continue
        level, code, message, advice = found
        code = code.replace("link_", "image_")
        yield Finding(level, code, message.replace("The link", "The image"), advice, part.channel)


def _hidden(part: ChannelContent) -> Iterator[Finding]:
    for text in blocks.hidden_words(part.html) if part.html else ():
        yield Finding(
            WARNING,
            "hidden_words_shown",
            f"“{_shortened(text)}” is hidden in your HTML, and everybody sees it: emails hide "
            "nothing.",
            "Take it out of the HTML; what is to stand beside the subject belongs in the preview "
            "line.",
            part.channel,
        )


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…"


class _Images(HTMLParser):
    """The address and the alternative text of every image in some HTML."""

    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, str]] = []

    @classmethod
    def of(cls, html: str) -> list[tuple[str, str]]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            known = dict(attrs)
            self.found.append((known.get("src") or "", known.get("alt") or ""))
