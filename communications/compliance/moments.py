"""The rules about the moment: whether it is a lawful hour, and how much somebody has had lately."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from barbershop.models import Barbershop
from communications import frequency, quiet_hours
from communications.compliance.terms import Terms
from communications.compliance.whereabouts import Whereabouts
from communications.models import CustomerCommunication
from customers import zones
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason

# A marketing text waits for its hours no longer: two closed days and a night. Whoever queues it
# may set an earlier end (``window_end``).
LONGEST_WAIT = dt.timedelta(days=3)
# What is begun now is in the provider's hands so much later at the latest.
HAND_OVER = dt.timedelta(seconds=35)


class Person(NamedTuple):
    """What these rules need to know of somebody."""

    email_hmac: str
    phone_hmac: str
    phone: str
    timezone: str
    zip: str

    @classmethod
    def of(cls, customer: Customer) -> "Person":
        return cls(*(getattr(customer, name) for name in cls._fields))


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message may go.

    Attributes:
        refusal: why never.
        not_before: when it may be tried; None: now.
        until: the end of the hours that are open now, where there are any.
    """

    refusal: str = ""
    not_before: dt.datetime | None = None
    until: dt.datetime | None = None


NOW = Turn()


class Moments:
    """The same moment for many people of one shop and run."""

    def __init__(self, shop: Barbershop, *, terms: Terms, now: dt.datetime):
        self.shop = shop
        self.terms = terms
        self.now = now
        self._hours: quiet_hours.Hours | None = None
        self._caps: frequency.Caps | None = None
        self._whereabouts = Whereabouts(shop)

    def look_up(self, numbers: Iterable[str] | None) -> None:
        """Read where the owners of these numbers may be; see ``Whereabouts``. Whoever has not been
        looked up is by himself, by a query of his own."""
        self._whereabouts.look_up(numbers)

    def place(self, person: Person) -> zones.Place:
        """Where the one may be who reads what is sent to his number."""
        return self._whereabouts.of(
            phone=person.phone,
            phone_hmac=person.phone_hmac,
            timezone=person.timezone,
            zip=person.zip,
        )

    def turn(self, person: Person, *, channel: str, window_end: dt.datetime | None = None) -> Turn:
        """Quiet hours: unknown_zone, quiet_window_missed, or when it may go.

        Args:
            window_end: of the message itself; after it, it is of no use any more.
        """
        if not self.terms.has_hours(channel):
            return NOW
        place = self.place(person)
        if not place.zones:
            return Turn(Reason.UNKNOWN_ZONE)
        if self._hours is None:
            self._hours = quiet_hours.hours_of(self.shop)
        last = min(self.now + LONGEST_WAIT, window_end or dt.datetime.max.replace(tzinfo=dt.UTC))
        found = quiet_hours.window(place, hours=self._hours, now=self.now)
        if found.is_open:
            until = min(filter(None, [found.until, window_end]), default=None)
            if until is None or self.now + HAND_OVER < until:
                return Turn(until=until)
            found = quiet_hours.window(place, hours=self._hours, now=until)
        if found.opens_at is None or found.opens_at > last:
            return Turn(Reason.QUIET_WINDOW_MISSED)
        return Turn(not_before=found.opens_at)

    def after(self, turn: Turn, person: Person, *, window_end: dt.datetime | None = None) -> Turn:
        """The turn after the hours that are open now."""
        if self._hours is None:
            self._hours = quiet_hours.hours_of(self.shop)
        then = Moments(self.shop, terms=self.terms, now=turn.until or self.now)
        then._hours, then._whereabouts = self._hours, self._whereabouts
        return then.turn(person, channel=Channel.SMS, window_end=window_end)

    def count(self, addresses: Iterable[str] | None) -> None:
        """Look up what people have had; see ``frequency.caps``."""
        self._caps = frequency.caps(
            self.shop, is_exempt=self.terms.is_cap_exempt, now=self.now, addresses=addresses
        )

    def is_over_cap(self, person: Person, *, channel: str, ahead: int = 0) -> bool:
        """Of what ``count`` has looked up; ``ahead`` go to him before, on other channels."""
        if not self.terms.has_caps(channel):
            return False
        return self._caps.is_over(
            channel=channel,
            email_hmac=person.email_hmac,
            phone_hmac=person.phone_hmac,
            states=self.place(person).states if channel == Channel.SMS else (),
            ahead=ahead,
        )
