"""HTML that an owner brings along, made harmless. Liquid stays where a reader sees it."""

import re
from functools import lru_cache
from urllib.parse import quote

import nh3

from communications import liquid
from communications.addresses import begins_well
from communications.liquid.tokens import DIVIDERS, ENDS
from communications.markup import Marks

_NAMES = """
a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del
details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li
main mark nav ol p pre q s samp section small span strike strong sub summary sup table tbody td
tfoot th thead tr tt u ul var wbr
"""
TAGS = set(_NAMES.split())
# What stands in these is no text.
CONTENT_TAGS = {"script", "style", "title", "template", "noscript", "textarea"}
_EVERYWHERE = "align bgcolor border dir height lang role style title valign width"
# Without position, url() and whatever else could cover our footer or fetch something.
_PROPERTIES = """
background-color border border-bottom border-collapse border-color border-left border-radius
border-right border-spacing border-style border-top border-width color direction font font-family
font-size font-style font-weight height letter-spacing line-height list-style-type margin
margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom
padding-left padding-right padding-top table-layout text-align text-decoration text-indent
text-transform vertical-align white-space width word-break word-spacing
"""
ATTRIBUTES = {
    "*": set(_EVERYWHERE.split()),
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "table": {"cellpadding", "cellspacing"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
}
_FETCHES = re.compile(r"url|image|expression|import|@|\\|/\*|-\d", re.IGNORECASE)
_WITH_LIQUID = frozenset({"href", "alt", "title"})
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)(?:[^\">]|\"[^\"]*\")*>")
_OPENING = re.compile(r"<[a-zA-Z]")
MOST_ELEMENTS = 5_000  # nested in each other they cost the parser the square of their number
_UNREAD = re.compile(r"[\t\r\n]")
_ENDING = re.compile(r"[\s<>\"'{}]|[)\]]\Z")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
VOID = frozenset({"br", "col", "hr", "img", "wbr"})


class MarkupError(Exception):
    """Liquid stands where it cannot stay, or nothing is left."""


# The largest costs tenths of a second; saving, plain text and preview ask one after another.
@lru_cache(maxsize=8)
def sanitised(html: str) -> str:
    """The HTML without scripts, handlers, forms, frames, style sheets and doubtful addresses.

    Raises:
        MarkupError: when a piece of Liquid would be lost or moved.
    """
    if len(_OPENING.findall(html)) > MOST_ELEMENTS:
        raise MarkupError(f"At most {MOST_ELEMENTS:,} elements.")
    marks = Marks()
    marked = marks.put(html)
    wrong: list[str] = []
    once = _clean(marked, marks, wrong)
    if wrong:
        raise MarkupError(wrong[0])
    kept = set(marks.pattern.findall(once))
    for number, token in enumerate(marks.kept):
        if str(number) not in kept:
            raise MarkupError(
                f"{token.source[:60]} stands where it cannot stay: Liquid works in text and in "
                "href, alt and title, not in other attributes nor in what is removed."
            )
    cleaned = _with_liquid_between_rows(marked, once, marks) if marks.kept else once
    _check_nesting(cleaned, marks)
    if not kept and not _ELEMENT.sub(_kept_when_seen, cleaned).strip():
        raise MarkupError("Nothing is left of this when what emails must not have is removed.")
    return marks.restored(cleaned)


def _with_liquid_between_rows(marked: str, once: str, marks: Marks) -> str:
    """Cleaned with its marks where they were: they are put in comments meanwhile."""
    # Text between the rows of a table would be moved out of it, a comment is not.
    inside = {mark for tag in _ELEMENT.finditer(once) for mark in marks.pattern.findall(tag[0])}
    marked = marks.pattern.sub(
        lambda mark: mark[0] if mark[1] in inside else f"<!--{mark[0]}-->", marked
    )
    cleaned = _clean(marked, marks, [], strip_comments=False)
    return _COMMENT.sub(
        lambda found: found[1] if marks.pattern.fullmatch(found[1]) else "", cleaned
    )


def _clean(marked: str, marks: Marks, wrong: list[str], *, strip_comments: bool = True) -> str:
    return nh3.clean(
        marked,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=CONTENT_TAGS,
        url_schemes={"http", "https", "mailto", "tel"},
        filter_style_properties=set(_PROPERTIES.split()),
        attribute_filter=lambda tag, name, value: _attribute(marks, name, value, wrong),
        link_rel=None,
        strip_comments=strip_comments,
    )


def _kept_when_seen(element: re.Match) -> str:
    return "seen" if element[2] in ("img", "hr") else ""


def _attribute(marks: Marks, name: str, value: str, wrong: list[str]) -> str | None:
    """The value that is kept. It runs inside the sanitiser, which would swallow an exception."""
    tokens = marks.tokens(value)
    is_plain = all(isinstance(token, liquid.Text) for token in tokens)
    if name not in _WITH_LIQUID:
        if not is_plain:
            return None  # its mark is missed afterwards, and said
        if name == "style":
            kept = [part for part in value.split(";") if not _FETCHES.search(part)]
            return ";".join(kept) or None
        return value if name != "src" or _WEB.match(value) else None
    if not liquid.is_balanced(tokens):
        wrong.append(f"A condition that begins within {name} has to end within it.")
    elif name == "href" and is_plain:
        value = whole_address(value)
        return value if begins_well([liquid.Text(value)]) else None
    elif name == "href" and not begins_well(tokens):
        wrong.append(
            "The address of a link begins with https://, mailto: or tel:, or is a merge field "
            "such as {{ booking_link }}."
        )
    return whole_address(value) if name == "href" else value


def whole_address(url: str) -> str:
    """An address as browsers read it, with nothing in it at which a plain text would end it."""
    url = _UNREAD.sub("", url.strip())
    if url[:4].lower() == "tel:":
        return "".join(url.split())
    return _ENDING.sub(lambda found: quote(found[0], safe=""), url)


def _check_nesting(cleaned: str, marks: Marks) -> None:
    """Refuse a condition around half an element: the rest of the page would lie in it, or not."""
    depth, least, stack = 0, 0, []
    pieces = re.compile(f"(?P<element>{_ELEMENT.pattern})|{marks.pattern.pattern}")
    for piece in pieces.finditer(cleaned):
        if piece["element"]:
            if piece[3] not in VOID:
                depth += -1 if piece[2] else 1
                least = min(least, depth)
            continue
        token = marks.kept[int(piece[4])]
        if not isinstance(token, liquid.Tag):
            continue
        if token.name in DIVIDERS:
            stack.append((depth, least))
            least = depth
            continue
        if depth != stack[-1][0] or least < depth:
            raise MarkupError(
                f"{token.source[:60]} stands at another depth of the HTML than its beginning: a "
                "condition holds whole elements."
            )
        if token.name in ENDS:
            least = stack.pop()[1]
