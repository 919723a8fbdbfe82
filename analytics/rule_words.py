"""The rules of the messages as a shop owner reads them; the API keeps the gate's own words."""

import datetime as dt

from django.utils.formats import date_format

from barbershop.templatetags.ui import moment_text
from communications import compliance
from communications.compliance import findings
from customers import consent

# The gate's names, where an owner would say otherwise.
NAMES = {
    "suppressions": "opt-outs and bounces",
    "held": "held back",
    "time zones": "time zone",
    "own message": "message",
}
_SAID = {
    "": "he has said nothing",
    str(consent.Decision.OPTED_IN): "he said yes",
    str(consent.Decision.OPTED_OUT): "he said no",
    str(consent.Decision.UNPROVEN): "he is said to have agreed, without proof",
    consent.STALE: "he said yes for another address",
}


def owners(rule: compliance.Rule, zone: dt.tzinfo) -> tuple[str, str]:
    """The name of a rule and what it found: ``explainer.Words``."""
    return NAMES.get(rule.name, rule.name), found_of(rule.found, zone)


def found_of(found: findings.Finding, zone: dt.tzinfo) -> str:
    """What was found; where the gate's own words are an owner's too, they stay."""
    match found:
        case findings.Erased(on=dt.date() as day):
            return f"on {date_format(day, 'j M Y')}"
        case findings.Suppressions(causes=[_, *_] as causes):
            return ", ".join(cause.label for cause in causes)
        case findings.Consent(decision, is_needed):
            return f"{_SAID[decision]}; consent is {'needed' if is_needed else 'not needed'}"
        case findings.Suspension(since, reason):
            return f"since {_at(since, zone)}: {reason}"
        case findings.TimeZones(zones, states):
            spoken = tuple(name.replace("_", " ") for name in zones)
            return findings.TimeZones(spoken, states).in_words(zone)
        case findings.Hours(is_open=True, until=dt.datetime() as end):
            return f"open until {_at(end, zone)}"
        case findings.Hours(is_open=False, opens_at=dt.datetime() as start):
            return f"closed, opens {_at(start, zone)}"
    return found.in_words(zone)


def _at(moment: dt.datetime, zone: dt.tzinfo) -> str:
    return moment_text(moment.astimezone(zone))
