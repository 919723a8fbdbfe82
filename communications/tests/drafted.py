"""Emails and texts as they would be sent, without a database."""

from types import SimpleNamespace
from uuid import UUID

from barbershop.models import Barbershop
from communications import rendering

SOMEBODY = 1


def shop(**changes) -> Barbershop:
    known = {
        "name": "Main Street",
        "postal_address": "1 Main Street, Springfield",
        "timezone": "America/New_York",
        "booking_url": "https://book.example.test/",
    }
    return Barbershop(**known | changes)


def draft(
    message: str = "", *, at: Barbershop | None = None, channel: str = "email", **content
) -> rendering.Prepared:
    known = {"subject": "", "preheader": "", "blocks": (), "html": "", "message": message}
    return rendering.draft(
        shop=at or shop(),
        channel=channel,
        kind="marketing",
        content=SimpleNamespace(**known | content),
    )


def row(name: str = "Sam", **more) -> dict:
    """A row as ``recipient_rows`` reads it."""
    return {
        "uuid": UUID(int=7),
        "values": {},
        "customer_id": SOMEBODY,
        "customer__first_name": name,
    } | more
