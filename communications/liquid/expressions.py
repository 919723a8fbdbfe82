"""What may stand between the braces. All of it is read before the engine sees a letter."""

import re

from barbershop.nearest import did_you_mean
from communications.liquid import mistakes
from communications.liquid.tokens import NOTHING, TAGS, WORDS, Filter, TemplateError, Term

DEPTH = 10
MOST_TERMS = 60
MOST_SHOWN, ELLIPSIS = 50, "..."  # of truncate, where nothing else is asked
# By filter: how many arguments, and of which kind each is.
FILTERS: dict[str, tuple[int, tuple[frozenset[str], ...]]] = {
    "default": (1, (frozenset({"text", "number", "name"}),)),
    "capitalize": (0, ()),
    "upcase": (0, ()),
    "downcase": (0, ()),
    "truncate": (0, (frozenset({"number"}), frozenset({"text"}))),
    "date": (1, (frozenset({"text"}),)),
}
COMPARISONS = frozenset({"==", "!=", "<>", "<", ">", "<=", ">="})
TAG_BRACES = ("{%", "%}")
WITHOUT_TERMS = frozenset({"else", "endif", "endunless", "endcase"})
_TERM = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?![\w.\[-])
        |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
        |(?P<number>-?[0-9]{1,9}(?:\.[0-9]{1,6})?)(?![\w.])
        |(?P<sign>==|!=|<>|<=|>=|<|>|\||:|,))""",
    re.VERBOSE,
)
_DATE_PART = re.compile(r"%(-?.)?", re.DOTALL)
# strftime's letters, by Django's: its month and day names come in every language.
DATE_PARTS = {
    "A": "l", "a": "D", "B": "F", "b": "M", "d": "d", "e": "j", "-d": "j", "m": "m", "-m": "n",
    "Y": "Y", "y": "y", "H": "H", "-H": "G", "I": "h", "-I": "g", "l": "g", "M": "i", "p": "A",
    "P": "a", "j": "z", "%": "",
}  # fmt: skip


def shown(inside: str) -> str:
    """What somebody wrote between braces, short enough to be repeated to him."""
    return " ".join(inside.split())[:60]


def output(inside: str, *, line: int) -> tuple[str, tuple[Filter, ...]]:
    """The name and the filters of ``{{ ... }}``.

    Raises:
        TemplateError: for whatever is not a name with known filters.
    """
    try:
        terms = _terms(inside, line=line)
    except TemplateError:
        raise TemplateError(not_a_field(inside), line=line) from None
    if not terms or terms[0].kind != "name" or terms[0].value in WORDS:
        raise TemplateError(not_a_field(inside), line=line)
    filters = []
    rest = terms[1:]
    while rest:
        if rest[0] != Term("sign", "|") or len(rest) < 2 or rest[1].kind != "name":
            raise TemplateError(not_a_field(inside), line=line)
        name, end = rest[1].value, 2
        while end < len(rest) and rest[end] != Term("sign", "|"):
            end += 1
        filters.append(_filter(name, rest[2:end], line=line))
        rest = rest[end:]
    return terms[0].value, tuple(filters)


def not_a_field(inside: str) -> str:
    return mistakes.of(inside) or (
        f"{{{{ {shown(inside)} }}}} is not a merge field. A merge field is written {{{{ name }}}}, "
        'and {{ name | default: "word" }} with a word for those who have none.'
    )


def _filter(name: str, given: list[Term], *, line: int) -> Filter:
    if name not in FILTERS:
        said = did_you_mean(name, FILTERS)
        raise TemplateError(f"There is no filter {name[:60]}. {said}", line=line)
    least, kinds = FILTERS[name]
    arguments = given[1::2]
    signs = [term.value for term in given[::2] if term.kind == "sign"]
    wanted = [":", *[","] * (len(arguments) - 1)] if given else []
    is_right = (
        signs == wanted
        and len(given) == 2 * len(arguments)
        and least <= len(arguments) <= len(kinds)
        and all(term.kind in kind for term, kind in zip(arguments, kinds, strict=False))
    )
    if not is_right:
        examples = {"default": ': "friend"', "truncate": ": 20", "date": ': "%B %e"'}
        raise TemplateError(
            f"The filter {name} is written {name}{examples.get(name, '')} and nothing more.",
            line=line,
        )
    if name == "date":
        _check_date(arguments[0].value, line=line)
    return Filter(name, tuple(arguments))


def _check_date(written: str, *, line: int) -> None:
    for part in _DATE_PART.finditer(written):
        if part[1] not in DATE_PARTS:
            known = " ".join(f"%{letter}" for letter in DATE_PARTS)
            raise TemplateError(f"{part[0]} is no part of a date. Known are: {known}.", line=line)


def date_pieces(written: str) -> list[tuple[str, str]]:
    """A pattern such as ``%B %e`` as ``[(text before, Django's letter), ...]``."""
    pieces, end = [], 0
    for part in _DATE_PART.finditer(written):
        letter = DATE_PARTS.get(part[1])
        before = written[end : part.start()]
        pieces.append((before + (part[0] if letter is None else ""), letter or ""))
        if part[1] == "%":
            pieces.append(("%", ""))
        end = part.end()
    return [*pieces, (written[end:], "")]


def tag(name: str, inside: str, *, line: int) -> tuple[Term, ...]:
    """The words after the name of ``{% ... %}``.

    Raises:
        TemplateError: for an unknown tag, or an expression that is not one.
    """
    if name not in TAGS:
        if said := mistakes.of(f"{name}{inside}", braces=TAG_BRACES):
            raise TemplateError(said, line=line)
        known = TAGS[:6]
        raise TemplateError(
            f"There is no tag {{% {shown(name or inside)} %}}. {did_you_mean(name, known)}",
            line=line,
        )
    try:
        terms = tuple(_terms(inside, line=line))
    except TemplateError as error:
        said = mistakes.of(f"{name}{inside}", braces=TAG_BRACES)
        raise TemplateError(said or error.message, line=line) from None
    if len(terms) > MOST_TERMS:
        raise TemplateError(
            f"{{% {name} %}} has {len(terms)} words; {MOST_TERMS} are the most.", line=line
        )
    if name in WITHOUT_TERMS:
        is_right = not terms
    elif name == "case":
        is_right = len(terms) == 1 and _is_operand(terms[0])
    elif name == "when":
        divide = {Term("sign", ","), Term("name", "or")}
        is_right = _alternate(terms, divide, lambda part: len(part) == 1 and _is_operand(part[0]))
    else:
        divide = {Term("name", "and"), Term("name", "or")}
        is_right = _alternate(terms, divide, _is_comparison)
    if not is_right:
        raise TemplateError(_not_a_condition(name, inside, terms), line=line)
    return terms


def _not_a_condition(name: str, inside: str, terms: tuple[Term, ...]) -> str:
    said = f"{{% {shown(f'{name} {inside}')} %}} is not understood."
    if Term("name", "not") not in terms:
        return (
            f"{said} A condition is a merge field, or compares one: visit_count > 5, with and / or "
            "between."
        )
    asked = shown(inside).removeprefix("not ")
    if name == "if" and terms[0] == Term("name", "not") and "not" not in asked.split():
        return (
            f'{said} There is no "not": write {{% unless {asked} %}} and, at the end, '
            "{% endunless %}."
        )
    return (
        f'{said} There is no "not": write {{% unless offer_code %}} ... {{% endunless %}}, or '
        "compare: offer_code == blank, visit_count != 5."
    )


def _alternate(terms, dividers, is_right) -> bool:
    parts: list[list[Term]] = [[]]
    for term in terms:
        if term in dividers:
            parts.append([])
        else:
            parts[-1].append(term)
    return all(is_right(part) for part in parts)


def _is_comparison(part: list[Term]) -> bool:
    if len(part) == 1:
        return _is_operand(part[0])
    if len(part) != 3 or not (_is_operand(part[0]) and _is_operand(part[2])):
        return False
    return part[1].value in COMPARISONS or part[1] == Term("name", "contains")


def _is_operand(term: Term) -> bool:
    return term.kind in ("text", "number") or (
        term.kind == "name" and term.value not in WORDS - NOTHING - {"true", "false"}
    )


def _terms(inside: str, *, line: int) -> list[Term]:
    found, position, inside = [], 0, inside.rstrip()
    while position < len(inside):
        match = _TERM.match(inside, position)
        if match is None:
            raise TemplateError(
                f"{shown(inside[position:])} is not understood. There are merge fields, texts in "
                "quotation marks and numbers; a merge field has no parts.",
                line=line,
            )
        kind = match.lastgroup
        value = match[kind]
        found.append(Term("text" if kind in ("double", "single") else kind, value))
        position = match.end()
    return found
