"""What may be stored: every word known, every comparison between likes."""

from collections.abc import Container, Iterable, Mapping
from typing import Protocol

from barbershop.nearest import nearest
from communications.liquid import links
from communications.liquid.expressions import COMPARISONS, ELLIPSIS, shown
from communications.liquid.reading import read
from communications.liquid.tokens import (
    DIVIDERS,
    ENDS,
    NOTHING,
    Output,
    Tag,
    TemplateError,
    Term,
    Text,
    Token,
)

# In one text, or in all blocks of an email together: far above what anybody writes, and little
# enough to be read, compiled and evaluated in a fraction of a second.
MOST_FIELDS = 1_000
MOST_TAGS = 200
MOST_WORDS = 2_000


class Field(links.Field, Protocol):
    is_number: bool


def check(source: str, *, known: Mapping[str, Field], is_html: bool = False) -> list[Token]:
    """Read a template strictly.

    Args:
        known: the merge fields by name.
        is_html: two closing braces alone are text there: style sheets have them.

    Raises:
        TemplateError: with the line, and the nearest known word.
    """
    tokens = read(source, is_strict=True)
    check_size(tokens)
    line = 1
    for token in tokens:
        if isinstance(token, Text):
            if not is_html and ("}}" in token.text or "%}" in token.text):
                before = token.text.partition("}}")[0].partition("%}")[0]
                raise TemplateError(
                    _not_opened(before, token.text[len(before) :][:2]),
                    line=line + before.count("\n"),
                )
            line += token.text.count("\n")
            continue
        line = token.line + token.source.count("\n")
        _check_names(token, known)
        if isinstance(token, Tag):
            _check_kinds(token, known)
        else:
            _check_truncate(token)
    links.check(tokens, known=known, is_html=is_html)
    return tokens


def check_size(tokens: Iterable[Token]) -> None:
    """Refuse more than one message can need; see the limits above.

    Raises:
        TemplateError: with the number that there are.
    """
    fields = tags = words = 0
    for token in tokens:
        if isinstance(token, Tag):
            tags += 1
            words += len(token.terms)
        elif isinstance(token, Output):
            fields += 1
            words += sum(1 + len(each.arguments) for each in token.filters)
    for number, most, said in (
        (tags, MOST_TAGS, "tags such as {% if %}, {% when %} and {% endif %}"),
        (fields, MOST_FIELDS, "merge fields"),
        (words, MOST_WORDS, "words in conditions and filters"),
    ):
        if number > most:
            raise TemplateError(
                f"There are {number:,} {said}; {most:,} are the most in one message. Say it with "
                "fewer, or write a variation for some of the customers."
            )


def _not_opened(before: str, closing: str) -> str:
    opening = {"}}": "{{", "%}": "{%"}[closing]
    near = shown(before.rpartition("\n")[2][-20:])
    place = f' after "{near}"' if near else ""
    return (
        f"{closing}{place} closes what no {opening} has opened. A merge field is written "
        "{{ name }}; for signs that customers are to read put a space between them: "
        f"{' '.join(closing)}"
    )


def names_in(source: str, *, known: Container[str] | None = None) -> frozenset[str]:
    """The merge fields that a text uses, wherever in it."""
    tokens = (token for token in read(source) if not isinstance(token, Text))
    return frozenset(
        name for token in tokens for name in token.names if known is None or name in known
    )


def outside(source: str) -> str:
    """The template without what only some will read."""
    depth, kept = 0, []
    for token in read(source):
        if isinstance(token, Tag):
            depth += (token.name in DIVIDERS) - (token.name in ENDS)
        elif not depth:
            kept.append(token.text if isinstance(token, Text) else token.source)
    return "".join(kept)


def contained(source: str) -> str:
    """The same text, the dashes at its ends carried out: they strip nothing of what is put before
    or behind it."""
    tokens = read(source)
    if not tokens:
        return source
    first, last = tokens[0], tokens[-1]
    if not isinstance(last, Text) and last.source[-3] == "-":
        source = source.rstrip()
        source = f"{source[:-3]}{source[-2:]}"
    if not isinstance(first, Text) and first.source[2] == "-":
        source = source.lstrip()
        source = f"{source[:2]}{source[3:]}"
    return source


def unknown(name: str, known: Iterable[str]) -> str:
    """The sentence that refuses a word."""
    known = list(known)
    near = nearest(name, known)
    hint = f"Did you mean {{{{ {near} }}}}?" if near else f"Known are: {', '.join(known)}."
    return f"{{{{ {name[:60]} }}}} is not a merge field. {hint}"


def _check_names(token: Output | Tag, known) -> None:
    for name in token.names:
        if name not in known:
            raise TemplateError(unknown(name, known), line=token.line)


def _check_truncate(token: Output) -> None:
    for each in token.filters:
        if each.name != "truncate" or not each.arguments:
            continue
        most, *given = (argument.value for argument in each.arguments)
        if not most.isdigit():
            raise TemplateError("truncate takes a whole number of characters.", line=token.line)
        ending = given[0] if given else ELLIPSIS
        if int(most) <= len(ending):
            raise TemplateError(_no_room(int(most), ending), line=token.line)


def _no_room(most: int, ending: str) -> str:
    if not ending:
        return "truncate: 0 leaves nothing. Write truncate: 1 or more."
    without = f', or truncate: {most}, "" without an ending' if most else ""
    return (
        f"truncate: {most} leaves no room: {len(ending)} of its characters are the ending "
        f'"{shown(ending)}". Write truncate: {len(ending) + 1} or more{without}.'
    )


def _check_kinds(tag: Tag, known) -> None:
    for index, term in enumerate(tag.terms):
        if term.value not in COMPARISONS and term != Term("name", "contains"):
            continue
        left, right = tag.terms[index - 1], tag.terms[index + 1]
        kinds = _kind(left, known), _kind(right, known)
        if term.kind == "name" and kinds != ("text", "text"):
            raise TemplateError("contains looks for a text in a text.", line=tag.line)
        if term.value in ("<", ">", "<=", ">=") and kinds != ("number", "number"):
            raise TemplateError(f"{term.value} compares two numbers.", line=tag.line)
        if "nothing" not in kinds and kinds[0] != kinds[1]:
            raise TemplateError(
                f"{left.value[:60]} and {right.value[:60]} are a {kinds[0]} and a {kinds[1]}: "
                "they are never the same. A number has no quotation marks, a text has.",
                line=tag.line,
            )


def _kind(term: Term, known) -> str:
    if term.kind != "name":
        return term.kind
    if term.value in NOTHING:
        return "nothing"
    if term.value in ("true", "false"):
        return "yes or no"
    return "number" if known[term.value].is_number else "text"
