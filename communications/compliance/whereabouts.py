"""Where whoever has a number may be: all that the organisation's records say of it.

A family shares a phone and a franchise a customer. The law's hours and caps are those of the place
where the phone rings, so what one record knows holds for everybody with the same number.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, QuerySet

from barbershop.any_of import AnyOf
from barbershop.models import Barbershop
from customers import zones
from customers.models import Customer


class _Record(NamedTuple):
    """What one customer's row adds to the number: also by which shop keeps it."""

    shop: int
    timezone: str
    zip: str


_NOTHING: frozenset[_Record] = frozenset()
_COLUMNS = ("phone_hmac", "shop", "timezone", "zip")


class Whereabouts:
    """Of the numbers that one shop writes to, known to it or to its sister shops."""

    def __init__(self, shop: Barbershop):
        self.shop = shop
        self._shops = {shop.pk: shop}
        self._records: dict[str, set[_Record]] = defaultdict(set)
        self._asked: set[str] = set()
        self._has_asked_for_all = False

    def look_up(self, numbers: Iterable[str] | None) -> None:
        """Read the records of many numbers by one query, and the sister shops by another.

        Args:
            numbers: HMACs; everybody's when there are none.
        """
        if numbers is None:
            self._has_asked_for_all = True
            rows = self._shared()
        else:
            wanted = sorted({number for number in numbers if number} - self._asked)
            if not wanted or self._has_asked_for_all:
                return
            self._asked.update(wanted)
            rows = self._in_organisation().filter(AnyOf("phone_hmac", wanted))
        for number, *record in rows.order_by().values_list(*_COLUMNS):
            self._records[number].add(_Record(*record))

    def of(self, *, phone: str, phone_hmac: str, timezone: str, zip: str) -> zones.Place:
        """Every place that his own record allows, or another one with his number."""
        if phone_hmac not in self._asked and not self._has_asked_for_all:
            self.look_up([phone_hmac])
        own = _Record(self.shop.pk, timezone, zip)
        place = self._place(phone, own)
        others = self._records.get(phone_hmac, _NOTHING) - {own}
        found = [place, *filter(None, (self._added(phone, other) for other in others))]
        return _together(found) if len(found) > 1 else place

    def _added(self, phone: str, record: _Record) -> zones.Place | None:
        """What another record says; one that has nothing but a number from nowhere says nothing."""
        place = self._place(phone, record)
        return place if place.zones or record.timezone or record.zip else None

    def _place(self, phone: str, record: _Record) -> zones.Place:
        if record.shop not in self._shops:
            sisters = Barbershop.objects.filter(organization=self.shop.organization_id)
            self._shops |= sisters.only("timezone", "country").in_bulk()
        shop = self._shops[record.shop]
        return zones.place(phone=phone, timezone=record.timezone, zip=record.zip, shop=shop)

    def _in_organisation(self) -> QuerySet[Customer]:
        return Customer.objects.filter(shop__organization=self.shop.organization_id)

    def _shared(self) -> QuerySet[Customer]:
        """Of everybody, whoever is not alone with his number."""
        known = self._in_organisation().exclude(phone_hmac="").order_by()
        shared = known.values("phone_hmac").annotate(records=Count("pk")).filter(records__gt=1)
        return known.filter(phone_hmac__in=shared.values("phone_hmac"))


def _together(places: list[zones.Place]) -> zones.Place:
    """All of them; where one of them cannot be known, nobody knows."""
    is_known = all(place.zones for place in places)
    return zones.Place(
        frozenset().union(*(place.zones for place in places)) if is_known else frozenset(),
        frozenset().union(*(place.states for place in places)),
    )
