"""The webhook inbox: what providers told us, stored before it is understood."""

from django.db import models
from django.db.models import Q

from barbershop.models import one_of
from communications.models.account import ProviderAccount


class ProviderEvent(models.Model):
    """One verified event. Folded once into the ledger; quarantined when that fails."""

    shop = models.ForeignKey(
        "barbershop.Barbershop", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    provider = models.CharField(max_length=20, choices=ProviderAccount.Provider.choices)
    event_key = models.CharField(max_length=200, help_text="The provider's own id of the event.")
    kind = models.CharField(max_length=40, help_text="The event word: delivered, opened, …")
    communication_uuid = models.UUIDField(null=True, blank=True)
    attempt_uuid = models.UUIDField(null=True, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    machine_reason = models.CharField(
        max_length=60, blank=True, help_text="What gave away the machine that clicked."
    )
    payload = models.JSONField()
    folded_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "provider_events"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_key"], name="provider_event_once_per_key"
            ),
            one_of("provider", ProviderAccount.Provider, name="provider_event_provider_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(folded_at=None, quarantined_at=None),
                name="provider_events_to_fold",
            ),
            models.Index(
                fields=["id"],
                condition=Q(folded_at=None, quarantined_at__isnull=False),
                name="provider_events_quarantined",
            ),
            models.Index(fields=["communication_uuid"], name="provider_events_of_message"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"
