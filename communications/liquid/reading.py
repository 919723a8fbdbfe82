"""From a text to tokens."""

import re
from collections.abc import Iterator

from communications.liquid import expressions, mistakes
from communications.liquid.tokens import DIVIDERS, ENDS, Output, Tag, TemplateError, Text, Token

_OPEN = re.compile(r"\{[{%]-?")
# What may stand inside; only a quotation may hold braces. The alternatives begin differently, so
# that a search never goes back over what it has read.
_INSIDE = {
    "{{": re.compile(r"((?:\"[^\"]*\"|'[^']*'|(?!-?\}\})[^\"'{}])*)(-?)\}\}"),
    "{%": re.compile(r"((?:\"[^\"]*\"|'[^']*'|(?!-?%\})[^\"'{}])*)(-?)%\}"),
}
_NAME = re.compile(r"\s*([A-Za-z_]\w*|#)?")
MOST_INSIDE = 2_000  # characters within one pair of braces


def read(source: str, *, is_strict: bool = False, is_part: bool = False) -> list[Token]:
    """The tokens of a text; texts beside braces with a dash are stripped, as Liquid does.

    Args:
        is_strict: refuse what cannot be understood. Otherwise it is text like any other: what was
            stored under other rules goes out as it was written.
        is_part: what a block begins may end elsewhere.

    Raises:
        TemplateError: when strict, at the first wrong place.
    """
    tokens = list(_joined(_stripped(_pieces(source, is_strict=is_strict))))
    if is_part:
        return tokens
    try:
        _check_blocks(tokens)
    except TemplateError:
        if is_strict:
            raise
        tokens = list(_joined(Text(t.source) if isinstance(t, Tag) else t for t in tokens))
    return tokens


def _pieces(source: str, *, is_strict: bool) -> Iterator[Token | bool]:
    """Tokens; True where white space before, False where white space after is to go."""
    begun = position = counted = 0
    line = 1
    while opening := _OPEN.search(source, position):
        line += source.count("\n", counted, opening.start())
        counted = opening.start()
        try:
            token, end = _one(source, opening, line=line)
        except TemplateError:
            if is_strict:
                raise
            position = opening.start() + 2
            continue
        yield Text(source[begun : opening.start()])
        if opening[0].endswith("-"):
            yield True
        yield token
        if source[end - 3] == "-":
            yield False
        begun = position = end
    yield Text(source[begun:])


def _one(source: str, opening: re.Match, *, line: int) -> tuple[Output | Tag, int]:
    kind = opening[0][:2]
    limit = opening.end() + MOST_INSIDE
    inside = _INSIDE[kind].match(source, opening.end(), limit)
    if source.startswith("{", opening.end()) and kind == "{{":
        raise TemplateError("Two braces on each side are enough.", line=line)
    if inside is None:
        closing = {"{{": "}}", "{%": "%}"}[kind]
        words, ends, _ = source[opening.end() : limit].partition(closing)
        # One of two quotation marks is curly, so that the other opens what nothing ends.
        if ends and (said := mistakes.of_half_quoted(words, braces=(kind, closing))):
            raise TemplateError(said, line=line)
        raise TemplateError(
            f"{kind} is opened here and not closed: a merge field is written {{{{ name }}}}, and "
            f"{kind} ends with {closing}.",
            line=line,
        )
    whole = source[opening.start() : inside.end()]
    if kind == "{{":
        before, after = source[: opening.start()][-1:], source[inside.end() : inside.end() + 1]
        if before == "{" or after == "}":
            name = expressions.shown(inside[1])
            raise TemplateError(
                f"Two braces on each side are enough: write {{{{ {name} }}}}.", line=line
            )
        name, filters = expressions.output(inside[1], line=line)
        return Output(name, filters, whole, line), inside.end()
    name = _NAME.match(inside[1])
    terms = expressions.tag(name[1] or "", inside[1][name.end() :], line=line)
    return Tag(name[1], terms, whole, line), inside.end()


def _stripped(pieces: Iterator[Token | bool]) -> Iterator[Token]:
    held: Text | None = None
    is_after = False
    for piece in pieces:
        if isinstance(piece, Text):
            text = piece.text.lstrip() if is_after else piece.text
            is_after = is_after and not text
            if held is not None:
                yield held
            held = Text(text)
        elif piece is True:
            held = held and Text(held.text.rstrip())
        elif piece is False:
            is_after = True
        else:
            if held is not None:
                yield held
            held, is_after = None, False
            yield piece
    if held is not None:
        yield held


def _joined(tokens) -> Iterator[Token]:
    """Neighbouring texts as one, empty ones left out."""
    texts: list[str] = []
    for token in tokens:
        if isinstance(token, Text):
            texts.append(token.text)
            continue
        if text := "".join(texts):
            yield Text(text)
        texts = []
        yield token
    if text := "".join(texts):
        yield Text(text)


def is_balanced(tokens: list[Token]) -> bool:
    """Whether every block that begins in these tokens ends in them."""
    try:
        _check_blocks(tokens)
    except TemplateError:
        return False
    return True


def _check_blocks(tokens: list[Token]) -> None:
    """Every block is closed, divided by its own words, and not too deep."""
    stack: list[tuple[Tag, list[str]]] = []
    for index, token in enumerate(tokens):
        if not isinstance(token, Tag):
            continue
        if token.name in DIVIDERS:
            stack.append((token, []))
            if len(stack) > expressions.DEPTH:
                raise TemplateError(
                    f"Conditions may stand {expressions.DEPTH} deep in each other, not deeper.",
                    line=token.line,
                )
            if token.name == "case":
                _check_case(token, tokens[index + 1 : index + 3])
            continue
        wanted = ENDS.get(token.name)
        opening, seen = stack[-1] if stack else (None, [])
        if opening is None or (wanted and opening.name != wanted):
            raise TemplateError(_stray(token, opening), line=token.line)
        if wanted:
            stack.pop()
        elif token.name not in DIVIDERS[opening.name] or seen[-1:] == ["else"]:
            raise TemplateError(_stray(token, opening), line=token.line)
        seen.append(token.name)
    if stack:
        opening = stack[-1][0]
        raise TemplateError(
            f"{{% {opening.name} %}} is not closed: it ends with {{% end{opening.name} %}}.",
            line=opening.line,
        )


def _check_case(case: Tag, following: list[Token]) -> None:
    is_blank = following and isinstance(following[0], Text) and not following[0].text.strip()
    first = following[1:2] if is_blank else following[:1]
    if not first or not isinstance(first[0], Tag) or first[0].name != "when":
        raise TemplateError(
            "After {% case %} comes {% when %}, with nothing between.", line=case.line
        )


def _stray(token: Tag, opening: Tag | None) -> str:
    if opening is None:
        return f"{{% {token.name} %}} stands here without what it belongs to."
    return f"{{% {token.name} %}} does not fit into the {{% {opening.name} %}} that is open here."
