"""The rules as data: what people say in each language when they want no more messages."""

from pathlib import Path

from communications.inbound.languages.language import Language, load

_FILES = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = tuple(
    load(_FILES / f"{name}.txt") for name in ("english", "spanish", "french")
)


def _union(name: str) -> frozenset[str]:
    return frozenset().union(*(getattr(language, name) for language in LANGUAGES))


STOP = _union("stop")
WEAK_NO = _union("weak_no")
WEAK_LEAVE = _union("weak_leave")
START = _union("start")
YES = _union("yes")
HELP = _union("help")
POLITE = _union("polite")
FILLERS = _union("fillers")
STRONG = _union("strong")
TYPOS = {typo: word for language in LANGUAGES for typo, word in language.typos.items()}
# Words that a misspelt one is compared with.
KEYWORDS = STOP | WEAK_LEAVE | START | HELP | STRONG | _union("spelt")

__all__ = [
    "FILLERS",
    "HELP",
    "KEYWORDS",
    "LANGUAGES",
    "POLITE",
    "START",
    "STOP",
    "STRONG",
    "TYPOS",
    "WEAK_LEAVE",
    "WEAK_NO",
    "YES",
    "Language",
]
