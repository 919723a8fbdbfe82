"""What may become of a call and of a message, in one step. Written apart from the product."""

CALL = {
    "": {"claimed"},
    "claimed": {"sending", "released"},
    "sending": {"accepted", "released", "unknown"},
    "unknown": {"accepted", "released", "not_sent"},
    "not_sent": {"accepted", "released"},
    "released": {"accepted"},
    "accepted": set(),
}

# A message is in the state of its call while it is in one. What is released in a cancelled
# dispatch is cancelled at once; the half of a refused call is claimed at once.
MESSAGE = {
    "": {"pending", "blocked"},
    "pending": {"claimed", "blocked", "cancelled", "accepted"},
    "claimed": {"sending", "pending", "blocked", "cancelled"},
    "sending": {"accepted", "pending", "claimed", "rejected", "unknown", "cancelled"},
    "unknown": {"accepted", "pending", "not_sent", "cancelled"},
    "not_sent": {"accepted", "pending", "cancelled"},
    "rejected": {"pending", "accepted"},
    "blocked": {"pending", "accepted"},
    "cancelled": {"accepted"},
    "accepted": set(),
}

# While the provider has a message, the ledger may say only this of it.
NOT_DENIED = {"sending", "accepted", "unknown", "not_sent"}


def forbidden(steps, table) -> list[str]:
    """Of ``(before, after)`` pairs, those that the table does not have; standing still is fine."""
    return [f"{a or 'nothing'} to {b}" for a, b in steps if a != b and b not in table[a]]
