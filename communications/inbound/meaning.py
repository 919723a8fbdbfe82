"""What an answer says about further messages: a pure function of its words.

Five ways (the rules stand in ``languages``): a keyword in any writing and a clear phrase revoke; a
weak word revokes as answer to an offer; talk with the barber is talk; and whatever might be a
revocation is for a person to decide.
"""

import enum

from communications.inbound import writing
from communications.inbound.languages import (
    FILLERS,
    HELP,
    LANGUAGES,
    POLITE,
    START,
    STOP,
    STRONG,
    WEAK_LEAVE,
    WEAK_NO,
    YES,
)
from communications.inbound.languages.language import rules

# What Twilio itself takes for a wish to get texts again.
TWILIO_START = "yes"


class Meaning(enum.Enum):
    STOP = "stop"
    START = "start"
    YES = "yes"  # confirms a sign-up that waits; else Twilio's word for START
    ASSENT = "assent"  # confirms a sign-up that waits; else it is talk
    HELP = "help"
    TALK = "talk"
    HELD = "held"


class Answers(enum.Enum):
    """What the newest message to the person was about."""

    OFFER = "offer"
    REMINDER = "reminder"
    NOTHING = "nothing"


# Politeness that takes more than one word.
_PHRASES = rules(
    [
        "sent from my? iphone|android|phone|galaxy",
        "por favor",
        "s il vous|te plait",
        "thank you",
    ],
    {},
)
_OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}


def meaning(body: str, *, answers: Answers = Answers.OFFER, opt_out_type: str = "") -> Meaning:
    """Read an answer. What Twilio's Advanced Opt-Out has decided wins over the text itself."""
    decided = _OPT_OUT_TYPES.get(opt_out_type.strip().upper())
    if decided is not None:
        return decided
    text = writing.plain(body)
    for word in dict.fromkeys((writing.letters(body), text.replace(" ", ""))):
        if (found := _keyword(word, answers=answers)) is not None:
            return found
    found = _sentences(text, answers=answers)
    # Nobody here reads it, so a person has to.
    return Meaning.HELD if found is Meaning.TALK and writing.is_foreign(body) else found


def _keyword(word: str, *, answers: Answers) -> Meaning | None:
    """An answer that is one word, however it is spaced."""
    if word in WEAK_NO | WEAK_LEAVE and word not in STOP:
        if answers is Answers.OFFER:
            return Meaning.STOP
        is_talk = word in WEAK_NO and answers is Answers.REMINDER
        return Meaning.TALK if is_talk else Meaning.HELD
    if word in YES:
        return Meaning.YES if word == TWILIO_START else Meaning.ASSENT
    for words, found in ((STOP, Meaning.STOP), (START, Meaning.START), (HELP, Meaning.HELP)):
        if word in words:
            return found
    return None


def _sentences(text: str, *, answers: Answers) -> Meaning:
    rest = _PHRASES.sub("", f"{text} ")
    # Politeness and repetition change nothing: "stop please", "no no no", "ok stop it now".
    words = [word for word in rest.split() if word not in POLITE and word != "."]
    if words and (found := _keyword(_once(words), answers=answers)) is not None:
        return found
    for language in LANGUAGES:
        rest = language.innocent.sub("~ ", rest)
    said = {word for word in rest.split() if word != "." and word not in POLITE | FILLERS}
    if said and said <= STRONG:
        return Meaning.STOP
    if any(language.clear.search(rest) for language in LANGUAGES):
        return Meaning.STOP
    if any(language.hints.search(rest) for language in LANGUAGES):
        return Meaning.HELD
    return Meaning.TALK if _is_talk(f"{text} ", rest=rest) else Meaning.HELD


def _is_talk(text: str, *, rest: str) -> bool:
    """Whether it is about the shop, or what people say every day; a sign or a number is talk."""
    if not any(map(str.isalpha, text)) or any(one.shop_talk.search(text) for one in LANGUAGES):
        return True
    if any(language.wary.search(rest) for language in LANGUAGES):
        return False
    return "~" in rest or any(language.everyday.search(text) for language in LANGUAGES)


def _once(words: list[str]) -> str:
    """The words as one; a single one that is said again and again, once."""
    return words[0] if len(set(words)) == 1 else "".join(words)
