"""The pieces of a template."""

from dataclasses import dataclass

# Opening tags with what may divide them, and how each ends.
DIVIDERS = {"if": ("elsif", "else"), "unless": ("elsif", "else"), "case": ("when", "else")}
ENDS = {f"end{name}": name for name in DIVIDERS}
TAGS = (*DIVIDERS, "elsif", "else", "when", *ENDS)


class TemplateError(Exception):
    """What is wrong with a template.

    Attributes:
        line: counted from 1.
    """

    def __init__(self, message: str, *, line: int = 1):
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Term:
    """One word of an expression.

    Attributes:
        kind: ``name``, ``text``, ``number`` or ``sign``.
        value: of a text what stands between the quotation marks.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    arguments: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What is written as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """``{{ name | filter: argument }}``."""

    name: str
    filters: tuple[Filter, ...]
    source: str
    line: int

    @property
    def fallback(self) -> str | None:
        """Of a plain field: its own fallback or nothing. None when it is not plain."""
        match self.filters:
            case ():
                return ""
            case (Filter("default", (Term("text", value),)),):
                return value
        return None

    @property
    def names(self) -> list[str]:
        arguments = (term for each in self.filters for term in each.arguments)
        return [self.name, *(term.value for term in arguments if term.kind == "name")]


@dataclass(frozen=True, slots=True)
class Tag:
    """``{% name terms %}``."""

    name: str
    terms: tuple[Term, ...]
    source: str
    line: int

    @property
    def names(self) -> list[str]:
        return [t.value for t in self.terms if t.kind == "name" and t.value not in WORDS]


Token = Text | Output | Tag
# Names in expressions that are no merge fields.
NOTHING = frozenset({"nil", "null", "blank", "empty"})
WORDS = NOTHING | {"true", "false", "and", "or", "contains"}
