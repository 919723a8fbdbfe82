"""What came of a campaign for one person."""

from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned


class CampaignResponse(ShopOwned):
    """One per execution and customer: his arm or hold-out, and the booking credited to it.

    Engagement (opened, clicked, replied, …) stands on the messages; queries join it. A booking is
    credited once in the whole shop, at booking; taken back when it is cancelled or not kept.
    Revenue is in minor units of the shop's currency.
    """

    # Indexes stand in ``Meta``: a large audience pays for each with every row.
    execution = models.ForeignKey(
        "campaigns.CampaignExecution",
        db_index=False,
        on_delete=models.PROTECT,
        related_name="responses",
    )
    customer = models.ForeignKey(
        "customers.Customer",
        db_index=False,
        on_delete=models.PROTECT,
        related_name="campaign_responses",
    )
    variant = models.ForeignKey(
        "campaigns.CampaignVariant",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="responses",
    )
    is_holdout = models.BooleanField(default=False)
    assigned_at = models.DateTimeField(auto_now_add=True)
    communication = models.ForeignKey(
        "communications.CustomerCommunication",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The message that gets the credit.",
    )
    appointment = models.ForeignKey(
        "customers.Appointment",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    converted_at = models.DateTimeField(null=True, blank=True, help_text="When he booked.")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When he came or paid.")
    revenue = models.BigIntegerField(default=0)
    credited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "campaign_responses"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "customer"], name="campaign_response_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["appointment"], name="campaign_response_booking_credited_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    appointment=None,
                    converted_at=None,
                    communication=None,
                    credited_at=None,
                    revenue=0,
                )
                | Q(
                    appointment__isnull=False,
                    converted_at__isnull=False,
                    communication__isnull=False,
                    credited_at__isnull=False,
                ),
                name="campaign_response_credit_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_holdout=False) | Q(variant=None, communication=None),
                name="campaign_response_holdout_has_no_arm",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="campaign_responses_of_customer"),
            models.Index(
                fields=["communication"],
                condition=Q(communication__isnull=False),
                name="campaign_responses_credited",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.execution_id}: {self.customer_id}"
