"""The customers of a shop as they stood at one moment, which is what criteria are asked of."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from customers.models import Customer, Tag, VisitSummary
from customers.shop_words import folded

MOST_AHEAD = 500


@dataclass(frozen=True)
class View:
    """A shop and a moment; what has to be looked up for several facts is looked up once."""

    shop: object
    now: dt.datetime

    @cached_property
    def ahead(self) -> list[int] | None:
        """Customers (ids) with a visit or a payment after ``now``; None when they are too many.

        Of them a summary says too much; of everybody else it says what the rows up to ``now`` say.
        Appointments may be called completed before they begin, and an audience that is written
        down is that of the moment at which its run began.
        """
        later = Q(last_visit_at__gt=self.now) | Q(last_paid_at__gt=self.now)
        found = VisitSummary.objects.for_shop(self.shop).filter(later).order_by()
        found = list(found.values_list("customer", flat=True)[: MOST_AHEAD + 1])
        return found if len(found) <= MOST_AHEAD else None

    @cached_property
    def tags(self) -> dict[str, list[int]]:
        """Tag rows of the shop by the form in which their names are compared."""
        found: dict[str, list[int]] = {}
        for pk, name in Tag.objects.for_shop(self.shop).order_by().values_list("pk", "name"):
            found.setdefault(folded(name), []).append(pk)
        return found

    def by_summary(self, summed: Q, asked: Q) -> Q:
        """``asked`` of the rows, by way of ``summed``, the same asked of the summary."""
        if self.ahead is None:
            return asked
        if not self.ahead:
            return summed
        ahead = Q(pk__in=self.ahead)
        held = Customer.objects.filter(ahead & asked).values_list("pk", flat=True)
        return summed & ~ahead | Q(pk__in=list(held))
