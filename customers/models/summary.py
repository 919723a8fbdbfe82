"""What a customer's visits and payments come to: kept by the database itself."""

from django.db import models

from barbershop.models import ShopOwned


class VisitSummary(ShopOwned):
    """Sums over one customer's appointments and payments, whenever they are.

    Triggers write it with every change of these rows (``customers.visit_summaries``); nothing else
    does. Who has never come nor paid may have none.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="visit_summary",
    )
    visit_count = models.PositiveIntegerField(default=0, help_text="Completed appointments.")
    first_visit_at = models.DateTimeField(null=True)
    last_visit_at = models.DateTimeField(null=True)
    spent = models.BigIntegerField(default=0, help_text="Minor units, less what was given back.")
    payment_count = models.PositiveIntegerField(
        default=0, help_text="Payments that were not given back in full."
    )
    last_paid_at = models.DateTimeField(null=True, help_text="Of any payment.")

    class Meta:
        db_table = "visit_summaries"
        indexes = [
            models.Index(fields=["shop", "last_visit_at"], name="visit_summaries_by_visit"),
            models.Index(fields=["shop", "last_paid_at"], name="visit_summaries_by_payment"),
            # Where the thirds of the shop's paying customers end is read off it in order.
            models.Index(fields=["shop", "spent"], name="visit_summaries_by_spending"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_count} visits, {self.spent}"
