"""The words for what may happen to a message, and what each does to its row in the ledger.

The vendors' words are translated into these before they are stored; they follow anymail's, and
part what anymail leaves together: hard and soft bounces, people's and machines' opens.
"""

from communications.models import CustomerCommunication, Suppression

Delivery = CustomerCommunication.Delivery

INBOUND = "inbound"
UNREADABLE = "unreadable"

SENDGRID = {
    "processed": "queued",
    "deferred": "deferred",
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "dropped",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "group_resubscribe": "subscribed",
}

TWILIO = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

DELIVERY = {
    "queued": Delivery.QUEUED,
    "deferred": Delivery.DEFERRED,
    "sent": Delivery.SENT,
    "failed": Delivery.FAILED,
    "delivered": Delivery.DELIVERED,
    "dropped": Delivery.DROPPED,
    "bounced": Delivery.BOUNCED,
    "soft_bounced": Delivery.BOUNCED,
}

FIRST_TIME = {
    "delivered": "delivered_at",
    "failed": "bounced_at",
    "dropped": "bounced_at",
    "bounced": "bounced_at",
    "soft_bounced": "bounced_at",
    "opened": "opened_at",
    "machine_opened": "machine_opened_at",
    "clicked": "clicked_at",
    "machine_clicked": "machine_clicked_at",
    "complained": "complained_at",
    "unsubscribed": "unsubscribed_at",
}

# Only of these the payload is read again when they are folded: for the code, and for the cause.
FAILURES = frozenset({"failed", "dropped", "bounced", "soft_bounced"})

# The reasons for which SendGrid drops a message unsent, in its own words.
DROP_CAUSES = {
    "bounced address": Suppression.Cause.BOUNCED,
    "invalid": Suppression.Cause.BOUNCED,
    "unsubscribed address": Suppression.Cause.UNSUBSCRIBED,
    "spam reporting address": Suppression.Cause.COMPLAINED,
}

# Twilio: the receiver has sent STOP to this number before.
STOPPED_BEFORE = "21610"


def error_code(kind: str, payload: dict) -> str:
    """Return the provider's own code of a failure, at most 40 characters."""
    if kind not in FAILURES:
        return ""
    keys = ("ErrorCode",) if "MessageSid" in payload else ("status", "reason", "type")
    if kind == "dropped":
        keys = ("reason", *keys)
    found = (payload.get(key) for key in keys)
    return next((str(value)[:40] for value in found if value), "")


def suppression_cause(kind: str, payload: dict) -> str:
    """Return why the address must not be used from now on, or "" when it still may."""
    if kind == "bounced":
        return Suppression.Cause.BOUNCED
    if kind == "complained":
        return Suppression.Cause.COMPLAINED
    if kind == "unsubscribed":
        return Suppression.Cause.UNSUBSCRIBED
    if kind == "dropped":
        return DROP_CAUSES.get(str(payload.get("reason", "")).strip().lower(), "")
    return Suppression.Cause.STOP if is_stopped(kind, payload) else ""


def is_unsubscribed(kind: str, payload: dict) -> bool:
    """Whether the provider tells of an unsubscription.

    Also by a message that it dropped because of one: of that one we have not heard before.
    """
    return suppression_cause(kind, payload) == Suppression.Cause.UNSUBSCRIBED


def is_stopped(kind: str, payload: dict) -> bool:
    """Whether Twilio held the text back because of a STOP."""
    return kind == "failed" and str(payload.get("ErrorCode", "")) == STOPPED_BEFORE
