"""What a person must see and decide."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned


class Incident(ShopOwned):
    class Kind(models.TextChoices):
        PROVIDER_REFUSED_US = "provider_refused_us", "The provider refused our credentials"
        UNKNOWN_OUTCOME = "unknown_outcome", "A call whose outcome is unknown"
        LATE_EVIDENCE = "late_evidence", "A report about a message we thought not sent"
        INBOUND_UNCLEAR = "inbound_unclear", "A reply that may mean stop"
        QUARANTINED_EVENT = "quarantined_event", "A provider event that could not be read"

    kind = models.CharField(max_length=30, choices=Kind.choices)
    dispatch = models.ForeignKey(
        "communications.Dispatch", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    attempt = models.ForeignKey(
        "communications.DeliveryAttempt",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    communication = models.ForeignKey(
        "communications.CustomerCommunication",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    event = models.ForeignKey(
        "communications.ProviderEvent",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The report in quarantine.",
    )
    detail = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "incidents"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["shop", "kind"], condition=Q(resolved_at=None), name="incidents_open"
            )
        ]

    def __str__(self) -> str:
        return self.detail
