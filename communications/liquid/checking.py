"""What may be stored: every word known, every comparison between likes."""

from collections.abc import Container, Iterable, Mapping
from typing import Protocol

from barbershop.nearest import nearest
from communications.liquid.expressions import COMPARISONS
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

MOST_TOKENS = 1_000  # fields and conditions in one text


class Field(Protocol):
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
    if sum(not isinstance(token, Text) for token in tokens) > MOST_TOKENS:
        raise TemplateError(f"At most {MOST_TOKENS:,} fields and conditions in one text.")
    line = 1
    for token in tokens:
        if isinstance(token, Text):
            if not is_html and ("}}" in token.text or "%}" in token.text):
                before = token.text.partition("}}")[0].partition("%}")[0]
                raise TemplateError(
                    "A merge field is written {{ name }}; some braces here are not opened.",
                    line=line + before.count("\n"),
                )
            line += token.text.count("\n")
            continue
        line = token.line + token.source.count("\n")
        _check_names(token, known)
        if isinstance(token, Tag):
            _check_kinds(token, known)
        else:
            _check_default(token, known)
    return tokens


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


def _check_default(token: Output, known) -> None:
    for each in token.filters:
        if each.name != "truncate" or not each.arguments:
            continue
        if not each.arguments[0].value.isdigit():
            raise TemplateError("truncate takes a whole number of characters.", line=token.line)


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
