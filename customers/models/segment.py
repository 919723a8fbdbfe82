from django.conf import settings
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, Stamped


class CustomerSegment(ShopOwned, Stamped):
    """A saved selection: its criteria are read by ``customers.criteria`` alone."""

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    criteria = models.JSONField(default=dict, blank=True)
    ready_key = models.SlugField(
        max_length=40, blank=True, help_text="The ready segment that it was made from."
    )
    criteria_changed_at = models.DateTimeField(null=True, blank=True)
    watched_at = models.DateTimeField(
        null=True, blank=True, help_text="When who is in it was last written down."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "customer_segments"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="customer_segment_name_once"),
            models.UniqueConstraint(
                fields=["shop", "ready_key"],
                condition=~Q(ready_key=""),
                name="customer_segment_ready_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentSize(ShopOwned):
    """How many were in a segment at one time."""

    segment = models.ForeignKey(CustomerSegment, on_delete=models.CASCADE, related_name="sizes")
    counted_at = models.DateTimeField()
    size = models.PositiveIntegerField()

    class Meta:
        db_table = "segment_sizes"
        ordering = ["counted_at"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "counted_at"], name="segment_size_once")
        ]

    def __str__(self) -> str:
        return f"{self.size} on {self.counted_at:%Y-%m-%d}"


class SegmentMembership(ShopOwned):
    """One stay of one customer in a segment, with the facts that let him in and out."""

    segment = models.ForeignKey(
        CustomerSegment, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="segment_memberships"
    )
    entered_at = models.DateTimeField()
    why_entered = models.CharField(max_length=300, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    why_left = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "segment_memberships"
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(left_at=None),
                name="segment_membership_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["segment", "entered_at"], name="segment_memberships_entered"),
            models.Index(fields=["segment", "left_at"], name="segment_memberships_left"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"
