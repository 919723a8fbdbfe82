"""One language's rules, and the small notation that its file is written in.

``[words stop]`` holds words, ``[group write]`` words that rules name, ``[typos]`` lines of
``meant: misspelt ...``, ``[rules clear]`` a rule a line. An indented line goes on with the one
before. All of it is plain writing: small letters, no accents, no apostrophes.

A rule is what people say: ``|`` parts alternatives, ``_`` is a space inside one, ``*`` any ending,
``#`` a number; ``?`` after a word makes it optional, ``..`` is up to three words, ``<name>`` a
group, ``^`` the beginning of the answer and ``$`` the end of a sentence. What stands after ``!``
must not follow.

    stop|quit .. <write>
    dont|do_not text me ! before|after
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import SimpleLazyObject

_END = r"(?=\. |\Z)"
_GAP = r"(?:(?!\. )\S+ ){0,3}?"


@dataclass(frozen=True, kw_only=True)
class Language:
    """Attributes:
    stop: whole answers that revoke, whatever they answer.
    strong: of these, those that also revoke among ``fillers`` ("stop it now").
    weak_no: one word that revokes only as answer to an offer, and else is talk.
    weak_leave: the same, and else a person has to look.
    start, yes, help: whole answers.
    polite, fillers: words that change nothing of what is said beside them.
    spelt: further words that misspelt ones are compared with.
    typos: by misspelt word the one that is meant, where comparing would find other words too.
    innocent: what sounds like a revocation and is none; cut out before the others are asked.
    clear: what revokes.
    hints: what a person has to look at.
    wary: words that are at home in a revocation, and also elsewhere: a person has to look unless
        ``shop_talk`` shows what they are about.
    everyday: what people say to their barber; words without any of these, nor ``shop_talk``, are
        for a person to look at.
    """

    stop: frozenset[str]
    strong: frozenset[str]
    weak_no: frozenset[str]
    weak_leave: frozenset[str]
    start: frozenset[str]
    yes: frozenset[str]
    help: frozenset[str]
    polite: frozenset[str]
    fillers: frozenset[str]
    spelt: frozenset[str]
    typos: Mapping[str, str]
    innocent: re.Pattern
    clear: re.Pattern
    hints: re.Pattern
    wary: re.Pattern
    shop_talk: re.Pattern
    everyday: re.Pattern


def load(path: Path) -> Language:
    """Read one language's file."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(dict)
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind, _, name = line.strip("[]").partition(" ")
            lines = sections[kind].setdefault(name, [])
        elif line.startswith(" "):
            before = lines.pop()
            lines.append(before + ("" if before.endswith("|") else " ") + line.strip())
        elif line:
            lines.append(line)
    groups = {name: " ".join(lines) for name, lines in sections["group"].items()}
    return Language(
        **{name: frozenset(" ".join(lines).split()) for name, lines in sections["words"].items()},
        **{name: rules(lines, groups) for name, lines in sections["rules"].items()},
        typos={typo: word for line in sections["typos"][""] for typo, word in _slips(line)},
    )


def _slips(line: str) -> list[tuple[str, str]]:
    word, _, typos = line.partition(":")
    return [(typo, word) for typo in typos.split()]


def rules(lines: list[str], groups: Mapping[str, str]) -> re.Pattern:
    """One pattern over all lines; it is searched in words that each have a space behind them.

    Compiled at its first search: all of them take longer than many a process lives.
    """
    return SimpleLazyObject(lambda: re.compile("|".join(_rule(line, groups) for line in lines)))


def _rule(line: str, groups: Mapping[str, str]) -> str:
    said, _, unless = line.partition(" ! ")
    pattern = r"(?<!\S)" + "".join(_item(item, groups) for item in said.split())
    if unless:
        pattern += f"(?!{''.join(_item(item, groups) for item in unless.split())})"
    return f"(?:{pattern})"


def _item(item: str, groups: Mapping[str, str]) -> str:
    if item == "..":
        return _GAP
    if item == "^":
        return r"\A"
    optional = item.endswith("?")
    said = _alternatives(item.removesuffix("?"), groups)
    patterns = [f"(?:{'|'.join(words)}) "] if (words := [one for one in said if one != "$"]) else []
    if "$" in said:
        patterns.append(_END)
    return f"(?:{'|'.join(patterns)}){'?' if optional else ''}"


def _alternatives(item: str, groups: Mapping[str, str]) -> list[str]:
    found = []
    for word in item.split("|"):
        if word.startswith("<"):
            for line in groups[word.strip("<>")].split():
                found += _alternatives(line, groups)
        else:
            found.append("$" if word == "$" else _pattern(word))
    return found


def _pattern(word: str) -> str:
    escaped = re.escape(word).replace("_", " ")
    return escaped.replace(r"\*", r"\w*").replace(r"\#", r"\d+")
