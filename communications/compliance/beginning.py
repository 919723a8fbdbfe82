"""The rules about the moment, for the messages in calls that are about to begin."""

import datetime as dt
from collections.abc import Collection

from communications import frequency
from communications.compliance.moments import Moments, Person, Turn
from communications.compliance.terms import Terms
from communications.models import CustomerCommunication, Dispatch
from customers.channels import Channel

_PATHS = ("email_hmac", "phone_hmac", "timezone", "zip")
_COLUMNS = ("pk", "address", "window_end", *(f"customer__{path}" for path in _PATHS))


class Beginning:
    """What the gate asks of one moment, of the members of calls of one dispatch and channel."""

    def __init__(
        self, attempts: Collection[int], *, dispatch: Dispatch, channel: str, now: dt.datetime
    ):
        """
        Args:
            attempts: ids of the calls.
        """
        self.channel = channel
        self.shop = dispatch.shop
        self.terms = Terms.of(dispatch)
        self.moments = Moments(dispatch.shop, terms=self.terms, now=now)
        self.people: dict[int, tuple[Person, dt.datetime | None]] = {}
        if self.terms.has_hours(channel) or self.terms.has_caps(channel):
            self._read(attempts)

    def _read(self, attempts: Collection[int]) -> None:
        rows = CustomerCommunication.objects.filter(attempt__in=attempts, customer__isnull=False)
        for pk, address, end, email_hmac, phone_hmac, zone, zip_code in rows.order_by(
            "pk"
        ).values_list(*_COLUMNS):
            phone = address if self.channel == Channel.SMS else ""
            self.people[pk] = Person(email_hmac, phone_hmac, phone, zone, zip_code), end
        if self.channel == Channel.SMS:
            self.moments.look_up(somebody.phone_hmac for somebody, _ in self.people.values())

    def turns(self) -> dict[int, Turn]:
        """When each may go, of those for whom it is not simply now."""
        if not self.terms.has_hours(self.channel):
            return {}
        return {
            pk: self.moments.turn(somebody, channel=self.channel, window_end=end)
            for pk, (somebody, end) in self.people.items()
        }

    def next_turn(self, pk: int, turn: Turn) -> Turn:
        """When one may go that the hours which are open now are too short for."""
        somebody, end = self.people[pk]
        return self.moments.after(turn, somebody, window_end=end)

    def over_cap(self, ids: Collection[int]) -> set[int]:
        """Those of these messages who have had enough.

        From here until the transaction ends nobody else of the organisation counts or begins.
        """
        asked = {pk: self.people[pk][0] for pk in ids if pk in self.people}
        if not asked or not self.terms.has_caps(self.channel):
            return set()
        frequency.hold(self.shop)
        self.moments.count(h for one in asked.values() for h in (one.email_hmac, one.phone_hmac))
        return {
            pk
            for pk, somebody in asked.items()
            if self.moments.is_over_cap(somebody, channel=self.channel)
        }
