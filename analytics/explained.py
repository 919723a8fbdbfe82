"""An explanation in sentences, for a terminal and for the page."""

import datetime as dt
from collections.abc import Iterator

from analytics.explainer import NOT_BY_TIME, ChannelFound, Explanation, label_of
from analytics.run_stories import MessageStory, RunStory
from campaigns import verdicts
from campaigns.models import CampaignDefinition
from customers.channels import Channel
from customers.models import Customer

STATES = {
    "pending": "waits for its turn",
    "claimed": "is being sent right now",
    "sending": "is being sent right now",
    "released": "waits for its turn",
    "accepted": "was sent",
    "unknown": "may have been sent: the provider's answer never came",
    "not_sent": "was not sent, as far as can be known: the provider never mentioned it",
    "cancelled": "was cancelled before it was sent",
}
EVENTS = {
    "opened": "opened",
    "clicked": "clicked",
    "replied": "answered",
    "unsubscribed": "opted out",
    "complained": "reported as spam",
}


def lines(found: Explanation, *, definition: CampaignDefinition, customer: Customer) -> list[str]:
    """From what happened to what would happen, and when."""
    zone = definition.shop.zone
    said = [line for run in found.runs for line in run_lines(run, zone=zone)]
    if not found.runs:
        said.append("The campaign has not been executed yet.")
    at = at_of(found.now, zone)
    if customer.erased_at:
        return [*said, f"At {at}: would not be considered, the customer has been erased."]
    return [*said, *_would(found, at=at, zone=zone), conclusion(found, zone=zone)]


def run_lines(run: RunStory, *, zone) -> Iterator[str]:
    began = f"Run of {at_of(run.began_at, zone)}"
    if run.was_held_out:
        yield f"{began}: held out, deliberately not messaged, to compare with those who were."
        return
    if not run.messages:
        being = "not considered yet: the audience is still being written"
        never = "not considered: not in the audience at that time"
        yield f"{began}: {never if run.is_complete else being}."
    for message in run.messages:
        label = Channel(message.channel).label
        yield f"{began}, {label}: {_message(message, zone)}."
    if run.booked_at:
        kept = "confirmed" if run.is_booking_kept else "not confirmed yet"
        yield f"Booked on {at_of(run.booked_at, zone)}, credited to this campaign, {kept}."


def verdict_of(found: ChannelFound, *, zone) -> str:
    """One channel in a clause."""
    if found.reason:
        return f"would be blocked ({found.reason}): {label_of(found.reason)}"
    if not found.is_tried:
        return "allowed, but another channel comes first"
    if found.not_before:
        return f"allowed, not before {at_of(found.not_before, zone)}"
    return "allowed"


def at_of(moment: dt.datetime, zone) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _message(message: MessageStory, zone) -> str:
    if message.state == "blocked":
        return f"blocked ({message.reason}): {label_of(message.reason)}"
    if message.state == "rejected":
        return f"refused by the provider ({message.reason})"
    words = STATES[message.state]
    if message.state == "pending" and message.not_before:
        return f"the message {words}, not before {at_of(message.not_before, zone)}"
    if message.state != "accepted":
        return f"the message {words}"
    at = f" on {at_of(message.accepted_at, zone)}" if message.accepted_at else ""
    events = [f"{EVENTS[event.name]} {at_of(event.at, zone)}" for event in message.events]
    return f"the message {words}{at}; {', '.join([message.delivery, *events])}"


def _would(found: Explanation, *, at: str, zone) -> Iterator[str]:
    yield f"At {at}: {'matches' if found.matches else 'does not match'} the audience."
    for criterion in found.criteria:
        said = f": {criterion.found}" if criterion.found else ""
        yield f"  {_yes(criterion.holds)}  {criterion.sentence}{said}"
    for segment in found.segments:
        is_right = segment.is_in == (segment.mode == "include")
        said = "is in it" if segment.is_in else "is not in it"
        yield f"  {_yes(is_right)}  {segment.mode}s the segment {segment.name}: {said}"
    if found.is_held_out:
        yield f"  {_yes(False)}  held out: drawn to get nothing, in every run of this campaign"
    elif found.variant:
        words = f", variation {found.variation}" if found.variation else ""
        yield f"  Words: {found.variant}{words}."
    for channel in found.channels:
        yield f"  {Channel(channel.channel).label}: {verdict_of(channel, zone=zone)}."
        for rule in channel.rules:
            yield f"    {_yes(rule.passes)}  {rule.name}: {rule.found}"


def conclusion(found: Explanation, *, zone) -> str:
    """Whether he would get it, and if not, when."""
    if found.verdict == "now":
        return "Sent now, he gets it at once."
    if found.verdict == "later":
        return f"Sent now, he gets it at {at_of(found.qualifies_at, zone)}, when his hours begin."
    why = f"Sent now, he does not get it: {label_of(found.reason).lower()}."
    if found.qualifies_at is None:
        reason = "the draw is for good" if found.reason == verdicts.HELD_OUT else NOT_BY_TIME
        return f"{why} When he would: {reason}."
    return f"{why} He would from {at_of(found.qualifies_at, zone)}; until then: {found.waits_for}."


def _yes(passes: bool) -> str:
    return "yes" if passes else "no "
