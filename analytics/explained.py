"""An explanation in sentences, for a terminal and for the page."""

import datetime as dt
from collections.abc import Iterator

from analytics import reason_words
from analytics.explainer import ChannelFound, Explanation
from analytics.run_stories import MessageStory, RunStory
from barbershop.templatetags.ui import moment_text
from campaigns import verdicts
from campaigns.models import CampaignDefinition
from communications.models import CustomerCommunication
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason
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
ONCE_READY = ", once the campaign can start"
EVENTS = {
    "opened": "opened",
    "clicked": "clicked",
    "replied": "answered",
    "unsubscribed": "opted out",
    "complained": "reported as spam",
}


def lines(found: Explanation, *, definition: CampaignDefinition, customer: Customer) -> list[str]:
    """From what happened to what would happen, and when; the rules in the words of ``found``."""
    zone = definition.shop.zone
    said = [line for run in found.runs for line in run_lines(run, zone=zone)]
    if not found.runs:
        said.append("The campaign has not been sent yet.")
    if not customer.erased_at:
        said += _would(found, at=at_of(found.now, zone), zone=zone)
    return [*said, conclusion(found, customer=customer, zone=zone)]


def run_lines(run: RunStory, *, zone) -> Iterator[str]:
    began = f"Run of {at_of(run.began_at, zone)}"
    if run.was_held_out:
        yield f"{began}: held out, deliberately not messaged, to compare with those who were."
        return
    if not run.messages:
        being = "not considered yet, the audience is still being written"
        never = "not considered, he was not in the audience at that time"
        yield f"{began}: {never if run.is_complete else being}."
    for message in run.messages:
        label = Channel(message.channel).label
        yield f"{began}, {label}: {_message(message, zone)}."
    if run.booked_at:
        kept = "confirmed" if run.is_booking_kept else "not confirmed yet"
        yield f"Booked on {at_of(run.booked_at, zone)}, credited to this campaign, {kept}."


def channel_said(each: ChannelFound, found: Explanation, *, zone) -> str:
    """One channel; what the conclusion explains is only named."""
    if not found.matches:
        return "Not asked: he is not in the audience."
    if found.is_held_out:
        return "Not asked: he is held out of this campaign."
    if each.reason and each.reason == found.reason:
        return f"Would be blocked: {reason_words.in_a_clause(each.reason)}."
    if each.reason:
        return f"Would be blocked. {reason_words.in_full(each.reason, channel=each.channel)}"
    if not each.is_tried:
        return "Not asked: another channel comes first."
    gets, then = ("would get", ONCE_READY) if found.not_ready else ("gets", "")
    if each.not_before:
        return f"He {gets} it here on {at_of(each.not_before, zone)}, when his hours begin{then}."
    return f"He {gets} it here at once{then}."


def at_of(when: dt.datetime, zone) -> str:
    return moment_text(when.astimezone(zone))


def _message(message: MessageStory, zone) -> str:
    if message.state == "blocked":
        return f"not sent: {reason_words.in_a_clause(message.reason)}"
    if message.state == "rejected":
        return f"refused by the provider, with its code {message.reason}"
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
    for line in found.asked:
        said = f": {line.found}" if line.found else ""
        yield f"  {_yes(line.passes)}  {'  ' * line.depth}{line.sentence}{said}"
    if found.is_held_out:
        yield f"  {_yes(False)}  held out: drawn to get nothing, in every run of this campaign"
    elif found.variant:
        words = f", variation {found.variation}" if found.variation else ""
        yield f"  Words: {found.variant}{words}."
    for channel in found.channels:
        yield f"  {Channel(channel.channel).label}: {channel_said(channel, found, zone=zone)}"
        for rule in channel.rules:
            yield f"    {_yes(rule.passes)}  {rule.name}: {rule.found}"


def conclusion(found: Explanation, *, customer: Customer, zone) -> str:
    """Whether the campaign can start, whether he would get it, and if not, why, what to do, and
    when."""
    if customer.erased_at:
        return "His data was erased: nothing is sent to him any more."
    # Of a suspended shop the reason says the same, and what to do.
    if not found.not_ready or found.reason == Reason.SHOP_SUSPENDED:
        return _of_a_run("Sent now, he", found, zone=zone)
    return " ".join(
        ["The campaign cannot start.", *found.not_ready, _of_a_run("After that he", found, zone)]
    )


def _of_a_run(begin: str, found: Explanation, zone) -> str:
    if found.verdict == "now":
        return f"{begin} gets it at once."
    if found.verdict == "later":
        return f"{begin} gets it on {at_of(found.qualifies_at, zone)}, when his hours begin."
    decided = (each.channel for each in found.channels if each.reason == found.reason)
    why = reason_words.in_full(found.reason, channel=next(decided, found.channels[0].channel))
    return " ".join(filter(None, (f"{begin} does not get it.", why, _when(found, zone=zone))))


def _when(found: Explanation, *, zone) -> str:
    if found.reason == verdicts.HELD_OUT:
        return ""
    is_out = found.reason == verdicts.NOT_MATCHED and found.missing
    if found.qualifies_at:
        said = f"If nothing else changes, he would get it from {at_of(found.qualifies_at, zone)}."
        return f"{said} What is missing until then: {found.waits_for}." if is_out else said
    missing = f"What is missing: {found.missing}. " if is_out else ""
    if found.known_until:
        until = at_of(found.known_until, zone)
        return f"{missing}Waiting until {until} changes nothing; what comes later is not known."
    return f"{missing}Waiting alone changes nothing."


def _yes(passes: bool) -> str:
    return "yes" if passes else "no "
