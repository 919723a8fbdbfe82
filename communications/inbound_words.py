"""What an answer by text says about further texts."""

import enum
import re
import unicodedata


class Meaning(enum.Enum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


# The words that Twilio acts upon by itself, in any writing.
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"}
)
START_WORDS = frozenset({"start", "unstop", "yes"})
HELP_WORDS = frozenset({"help", "info"})

# Answers that are too short to be sure of.
WEAK_WORDS = frozenset(
    {
        "no",
        "nope",
        "non",
        "s",
        "exit",
        "off",
        "enough",
        "never",
        "remove",
        "delete",
        "basta",
        "alto",
    }
)

# Whoever writes one of these may mean "stop": a person has to read it.
_HINTS = re.compile(
    r"""
      \b(stop\w*|unsub\w*|revoke|quit|cancel\w*|opt(ed|ing)?[ -]?out|remove|delete|spam|scam
        |harass\w*|lawyer|sue|report\w*|block\w*|unwanted|dnc|never|no\s+more|not\s+interested
        |leave\s+me|wrong\s+(number|person)|lose\s+my\s+number|fuck\w*)\b
      | \b(don\W?t|do\s+not|quit|no)\b.*\b(text|messag|msg|contact|send|call|writ|want)
      | \b(parar?|pare|baja|deten\w*|arr[eê]t\w*|d[eé]sabonn\w*|nunca|jamais|no\s+me)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}


def meaning(body: str, *, opt_out_type: str = "") -> Meaning:
    """Read an answer. What Twilio's Advanced Opt-Out has decided wins over the text itself."""
    decided = _OPT_OUT_TYPES.get(opt_out_type.strip().upper())
    if decided is not None:
        return decided
    text = unicodedata.normalize("NFKC", body)
    # "S.T.O.P!", "s t o p" and "STOP " are the word STOP: only letters count.
    word = "".join(filter(str.isalpha, text)).casefold()
    if word in STOP_WORDS:
        return Meaning.STOP
    if word in START_WORDS:
        return Meaning.START
    if word in HELP_WORDS:
        return Meaning.HELP
    unclear = word in WEAK_WORDS or _HINTS.search(text)
    return Meaning.UNCLEAR if unclear else Meaning.NOTHING
