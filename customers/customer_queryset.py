"""Questions about many customers at once."""

import datetime as dt

from django.db.models import F, Q
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
            last_visit_at=F("visit_summary__last_visit_at"),
            visit_count=Coalesce("visit_summary__visit_count", 0),
            spent=Coalesce("visit_summary__spent", 0),
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
