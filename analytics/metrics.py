"""The figures of a campaign as pure functions on counts, each with its denominator.

A share is a fraction (0.25, not 25) and ``None`` when its denominator is 0: nothing to divide by
is not the same as nothing achieved. Units of the counts:

* messages: ledger rows, one per person, channel and run (sent, delivered, bounced).
* recipients: one per person and run, however many channels reached him (reached, opened, clicked,
  engaged, replied, unsubscribed, complained). In a campaign with one run these are people.
* people: distinct customers considered, in all runs together, held out ones included.
* bookings: appointments credited to a message, each once in the whole shop.
"""


def share(part: int, whole: int) -> float | None:
    """``part / whole``, or ``None`` when there is no whole."""
    return part / whole if whole else None


def delivery_rate(*, delivered: int, sent: int) -> float | None:
    """Messages reported delivered / messages the provider accepted."""
    return share(delivered, sent)


def bounce_rate(*, bounced: int, sent: int) -> float | None:
    """Messages bounced, dropped or failed / messages the provider accepted."""
    return share(bounced, sent)


def open_rate(*, opened: int, delivered_emails: int) -> float | None:
    """Recipients who opened / emails delivered. Opens by machines are not in it.

    Texts are left out: nobody can see whether one was opened.
    """
    return share(opened, delivered_emails)


def click_rate(*, clicked: int, delivered: int) -> float | None:
    """Recipients who clicked / messages delivered, emails and texts. Clicks by machines are not
    in it."""
    return share(clicked, delivered)


def engagement_rate(*, engaged: int, delivered: int) -> float | None:
    """Recipients who opened or clicked (each once) / messages delivered.

    Not opens + clicks: that sum counts people twice and can pass 1.
    """
    return share(engaged, delivered)


def conversion_rate(*, converted: int, engaged: int) -> float | None:
    """Bookings credited / recipients who opened or clicked.

    It can pass 1: a booking soon after a delivery is credited even when nothing was opened.
    """
    return share(converted, engaged)


def booking_rate(*, converted: int, reached: int) -> float | None:
    """Bookings credited / recipients with at least one accepted message."""
    return share(converted, reached)


def reply_rate(*, replied: int, delivered: int) -> float | None:
    """Recipients who answered / messages delivered."""
    return share(replied, delivered)


def unsubscribe_rate(*, unsubscribed: int, delivered: int) -> float | None:
    """Recipients who opted out by the message / messages delivered."""
    return share(unsubscribed, delivered)


def complaint_rate(*, complained: int, delivered: int) -> float | None:
    """Recipients who reported spam / messages delivered (Gmail's and Yahoo's denominator)."""
    return share(complained, delivered)


def roi(*, revenue: int, cost: int) -> float | None:
    """(revenue - cost) / cost, both in minor units; ``None`` when it cost nothing.

    3.0 means: the cost came back and three times as much on top.
    """
    return share(revenue - cost, cost)


def change(*, current: float | None, previous: float | None) -> float | None:
    """(current - previous) / previous; ``None`` when there is nothing to compare with."""
    if current is None or not previous:
        return None
    return (current - previous) / previous
