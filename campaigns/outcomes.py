"""What became of one message, as one word for people: the furthest it came."""

from dataclasses import dataclass

from communications.models import CustomerCommunication

Reason = CustomerCommunication.Reason
Delivery = CustomerCommunication.Delivery

REASONS = {str(value): label for value, label in Reason.choices}
LOST = {Delivery.BOUNCED: "Bounced", Delivery.DROPPED: "Dropped", Delivery.FAILED: "Failed"}
WAITING = {"pending", "claimed", "released", "sending"}


@dataclass(frozen=True)
class Outcome:
    """``tone`` is a state of ``ui.STATES``, for icon and colour; ``why`` only for refusals."""

    word: str
    tone: str
    why: str = ""


def reason_label(reason: str) -> str:
    """The gate's word, or the provider's own code as it is."""
    return REASONS.get(reason, reason)


def outcome_of(message) -> Outcome:
    """The outcome of a message that was read ``with_state()``."""
    if message.state in {"blocked", "rejected"}:
        return Outcome(message.state.capitalize(), "failed", reason_label(message.reason))
    if message.state in WAITING:
        return Outcome("Waiting", "scheduled")
    if message.state == "cancelled":
        return Outcome("Cancelled", "cancelled")
    if message.state != "accepted":
        return Outcome("Not known", "paused", "The provider's answer was lost.")
    return _of_accepted(message)


def _of_accepted(message) -> Outcome:
    if message.complained_at:
        return Outcome("Complained", "failed")
    if message.unsubscribed_at:
        return Outcome("Opted out", "cancelled")
    if message.delivery in LOST:
        return Outcome(LOST[message.delivery], "failed", message.error_code)
    for at, word in (
        (message.replied_at, "Replied"),
        (message.clicked_at, "Clicked"),
        (message.opened_at, "Opened"),
    ):
        if at:
            return Outcome(word, "done")
    if message.delivery == Delivery.DELIVERED:
        return Outcome("Delivered", "done")
    return Outcome("Sent", "running")
