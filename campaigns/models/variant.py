from django.core.validators import MinValueValidator
from django.db import models

from barbershop.models import ShopOwned


class CampaignVariant(ShopOwned):
    """One arm of a campaign: its content per channel, and its share of the audience.

    ``channels`` is ``{"email": {"subject", "message", "personalization"}, "sms": {"message"}}``,
    read by ``campaigns.content`` alone.
    """

    definition = models.ForeignKey(
        "campaigns.CampaignDefinition", on_delete=models.CASCADE, related_name="variants"
    )
    label = models.CharField(max_length=20, default="A")
    weight = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    channels = models.JSONField(default=dict)
    variations = models.JSONField(
        default=list,
        blank=True,
        help_text="Other words for some: name, criteria, channels; the first that fits counts.",
    )
    chosen_at = models.DateTimeField(null=True, blank=True, help_text="When it won its test.")

    class Meta:
        db_table = "campaign_variants"
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "label"], name="campaign_variant_label_once"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gte=1), name="campaign_variant_has_weight"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.definition_id}"
