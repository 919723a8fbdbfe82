"""The one thing this floor owns; everything else it reads."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from barbershop.models import ShopQuerySet, Stamped, one_of


class AlertSeverity(models.TextChoices):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Alert(Stamped):
    """Something a person should know, open until it is resolved. Without a shop: for operators."""

    Severity = AlertSeverity

    shop = models.ForeignKey(
        "barbershop.Barbershop", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, help_text="What it is about; open once per key.")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        db_table = "alerts"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "key"],
                condition=Q(resolved_at=None),
                name="alert_open_once_per_shop_and_key",
            ),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(resolved_at=None, shop=None),
                name="alert_open_once_for_operators",
            ),
            one_of("severity", AlertSeverity, name="alert_severity_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def acknowledge(self, *, by=None, now=None) -> bool:
        """Say that it was seen. The first who says so stays on record; True for him."""
        won = Alert.objects.filter(pk=self.pk, acknowledged_at=None).update(
            acknowledged_at=now or timezone.now(), acknowledged_by=by
        )
        self.refresh_from_db()
        return bool(won)
