"""Why somebody does not get a campaign, as a shop owner reads it: the label, what it means, and
what to do about it."""

from campaigns import verdicts
from communications.models import CustomerCommunication
from customers.channels import Channel

Reason = CustomerCommunication.Reason
ADDRESSES = {Channel.EMAIL: "email address", Channel.SMS: "phone number"}
MESSAGES = {Channel.EMAIL: "emails", Channel.SMS: "texts"}
_NOTHING = "Nothing needs doing."

# What it means, and what to do.
WORDS = {
    verdicts.NOT_MATCHED: (
        "the campaign's criteria or segments leave him out.",
        "Change them if he should get it.",
    ),
    verdicts.HELD_OUT: (
        "he was drawn to get nothing, in every run of this campaign, so that those who get it can "
        "be compared with him.",
        _NOTHING,
    ),
    Reason.NO_ADDRESS: ("his {address} is not known.", "Ask him for it and add it to his data."),
    Reason.INVALID_ADDRESS: (
        "his {address} cannot be right, or has changed since the campaign was sent.",
        "Check it, and correct it in his data.",
    ),
    Reason.DUPLICATE_ADDRESS: (
        "a campaign goes to one {address} once.",
        "If it is not his, correct it in his data.",
    ),
    Reason.NO_CONSENT: (
        "he has not agreed to {messages} from you, or has said no.",
        "If he agrees, record it on his page, or let him sign up himself.",
    ),
    Reason.UNPROVEN: (
        "he is said to have agreed to {messages}, but nothing proves it.",
        "Let him sign up himself, or record on his page how he agreed.",
    ),
    Reason.TOPIC: (
        "he does not want {messages} about this.",
        "Only he can change that, by the link in every email.",
    ),
    Reason.SUPPRESSED: (
        "he opted out or complained, messages to his {address} came back, or his data was erased.",
        "Who opted out may sign up again himself; a wrong {address} can be corrected.",
    ),
    Reason.HELD_FOR_REVIEW: (
        "he has answered something that may mean no.",
        "Read it on the page Replies and decide.",
    ),
    Reason.FREQUENCY_CAP: (
        "he has had as many messages as the limits allow.",
        "Wait. Your own limit can be raised in the shop's settings, the law's cannot.",
    ),
    Reason.UNKNOWN_ZONE: (
        "texts go only at certain hours, and nobody knows what time it is where he lives.",
        "Add his ZIP code or his time zone to his data.",
    ),
    Reason.QUIET_WINDOW_MISSED: (
        "texts go only at certain hours, and the next ones would have come too late.",
        "Send it at another time.",
    ),
    Reason.EXCLUDED: (
        "he has an appointment coming up or has just been here, and the campaign leaves out such "
        "people.",
        _NOTHING,
    ),
    Reason.BOOKED_MEANWHILE: (
        "he has an appointment by now, and the campaign leaves out who has one.",
        _NOTHING,
    ),
    Reason.RENDER_ERROR: (
        "the campaign's words cannot be filled in for him, or become too long to be sent.",
        "Look at the preview for him, and mend or shorten the words.",
    ),
    Reason.SHOP_SUSPENDED: (
        "nothing is sent while it lasts.",
        "Ask your organisation, or who runs this installation, to lift it.",
    ),
}


def label_of(reason: str) -> str:
    """A reason in a word or two; a provider's own code as it is."""
    if reason == verdicts.NOT_MATCHED:
        return "Not in the audience"
    if reason == verdicts.HELD_OUT:
        return "Held out"
    return Reason(reason).label if reason in Reason.values else reason


def in_a_clause(reason: str) -> str:
    """The label as it goes on after a colon."""
    label = label_of(reason)
    return label[:1].lower() + label[1:]


def in_full(reason: str, *, channel: str) -> str:
    """``No consent: he has not agreed to texts from you, or has said no. If he agrees, …``"""
    meaning, advice = WORDS[reason]
    said = f"{label_of(reason)}: {meaning} {advice}"
    return said.format(address=ADDRESSES[Channel(channel)], messages=MESSAGES[Channel(channel)])
