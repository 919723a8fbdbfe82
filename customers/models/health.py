from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, one_of


class HealthStage(models.TextChoices):
    NEW = "new"
    ACTIVE = "active"
    AT_RISK = "at_risk", "At risk"
    LAPSED = "lapsed"
    LOST = "lost"
    VIP = "vip", "VIP"


class CustomerHealthScore(ShopOwned):
    """How likely a customer is to come again, 0 to 100, with the parts it was made of."""

    Stage = HealthStage

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, related_name="health"
    )
    score = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=Stage.choices)
    recency_days = models.PositiveIntegerField(null=True, blank=True)
    visit_count = models.PositiveIntegerField(default=0)
    spent = models.PositiveBigIntegerField(default=0, help_text="Minor units.")
    cadence_days = models.FloatField(null=True, blank=True, help_text="His own usual gap.")
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "customer_health_scores"
        constraints = [
            models.CheckConstraint(
                condition=Q(score__lte=100), name="customer_health_score_is_at_most_100"
            ),
            one_of("stage", HealthStage, name="customer_health_stage_is_known"),
        ]
        indexes = [models.Index(fields=["shop", "stage"], name="customer_health_by_stage")]

    def __str__(self) -> str:
        return f"{self.score} {self.stage}"
