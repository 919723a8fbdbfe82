from django.conf import settings
from django.db import models

from barbershop.models import ShopOwned, Stamped


class CustomerSegment(ShopOwned, Stamped):
    """A saved selection: its criteria are read by ``customers.criteria`` alone."""

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    criteria = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "customer_segments"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="customer_segment_name_once")
        ]

    def __str__(self) -> str:
        return self.name
