"""The rules of the messages as a shop owner reads them; the API keeps the gate's own words."""

import datetime as dt
import re

from barbershop.templatetags.ui import moment_text
from communications.models import Suppression
from customers import consent

Cause = Suppression.Cause
# The gate's names, where an owner would say otherwise.
NAMES = {
    "suppressions": "opt-outs and bounces",
    "held": "held back",
    "time zones": "time zone",
    "own message": "message",
}
_SAID = {
    str(consent.Decision.OPTED_IN): "he said yes",
    str(consent.Decision.OPTED_OUT): "he said no",
    str(consent.Decision.UNPROVEN): "he is said to have agreed, without proof",
    consent.STALE: "he said yes for another number",
    "nothing was said": "he has said nothing",
}
_NEEDED = {"none is needed": "consent is not needed", "it is needed": "consent is needed"}
_TIME = re.compile(r"\b(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d) [A-Z0-9+-]+)?")


def name_of(rule: str) -> str:
    return NAMES.get(rule, rule)


def found_of(rule: str, found: str) -> str:
    """What was found; times are in the shop's zone already."""
    if rule == "consent":
        said, _, needed = found.partition("; ")
        return f"{_SAID.get(said, said)}; {_NEEDED.get(needed, needed)}"
    if rule == "suppressions":
        causes = found.split(", ")
        return ", ".join(Cause(each).label if each in Cause.values else each for each in causes)
    if rule == "time zones":
        return found.replace("_", " ")
    return _TIME.sub(_as_elsewhere, found)


def _as_elsewhere(found: re.Match) -> str:
    at = dt.datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")
    said = moment_text(at)
    return said if found[2] else said.partition(",")[0]
