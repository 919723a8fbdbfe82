"""A shop's own starting points for campaigns, with everything that they ever said."""

from django.conf import settings
from django.db import models

from barbershop.models import ShopOwned, Stamped


class CampaignTemplate(ShopOwned, Stamped):
    """A shop's own starting point. The ready ones are data in ``campaigns.library``."""

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=40, blank=True)
    description = models.CharField(max_length=300, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "campaign_templates"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "key"], name="campaign_template_key_once")
        ]

    def __str__(self) -> str:
        return self.name


class CampaignTemplateVersion(ShopOwned):
    """What a template said at one time; versions are added, never edited."""

    template = models.ForeignKey(
        CampaignTemplate, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    channels = models.JSONField()
    variations = models.JSONField(default=list, blank=True)
    target_criteria = models.JSONField(default=dict, blank=True)
    primary_goal = models.CharField(max_length=60, blank=True)
    discount_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="What was changed.")
    restored_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="Number of the version that it repeats."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "campaign_template_versions"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="campaign_template_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"
