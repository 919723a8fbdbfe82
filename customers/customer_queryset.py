"""Questions about many customers at once."""

import datetime as dt

from django.db.models import Count, DateTimeField, IntegerField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from barbershop.models import ShopQuerySet


class CustomerQuerySet(ShopQuerySet):
    def present(self):
        """Everybody who has not been erased."""
        return self.filter(erased_at=None)

    def with_visit_facts(self):
        """Annotate ``last_visit_at``, ``visit_count`` and ``spent`` (minor units)."""
        return self.annotate(
            last_visit_at=_visits(Max("starts_at"), DateTimeField()),
            visit_count=Coalesce(_visits(Count("pk"), IntegerField()), 0),
            spent=Coalesce(_spent(), 0),
        )

    def lapsed(self, *, days: int, now: dt.datetime | None = None):
        """Came before, but not within the last ``days`` days."""
        now = now or timezone.now()
        return self.with_visit_facts().filter(last_visit_at__lt=now - dt.timedelta(days=days))

    def search(self, text: str):
        """Name, email or phone contains the text."""
        digits = "".join(filter(str.isdigit, text))
        by_phone = Q(phone__contains=digits) if len(digits) >= 4 else Q()
        words = Q()
        for word in text.split():
            words &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
        return self.filter(words | Q(email__icontains=text.strip()) | by_phone)


def _visits(aggregate, field) -> Subquery:
    from customers.models import Appointment

    completed = Appointment.objects.filter(
        customer=OuterRef("pk"), status=Appointment.Status.COMPLETED
    )
    rows = completed.order_by().values("customer").annotate(fact=aggregate).values("fact")
    return Subquery(rows, output_field=field)


def _spent() -> Subquery:
    from customers.models import Payment

    paid = Payment.objects.filter(customer=OuterRef("pk")).order_by().values("customer")
    return Subquery(
        paid.annotate(fact=Sum("amount") - Sum("refunded_amount")).values("fact"),
        output_field=IntegerField(),
    )
