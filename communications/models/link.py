"""Links whose targets are stored: a click carries a signed id, never an address."""

from django.db import models

from barbershop.models import ShopOwned


class TrackedLink(ShopOwned):
    """One target in one content."""

    content = models.ForeignKey(
        "communications.MessageContent", on_delete=models.CASCADE, related_name="links"
    )
    target = models.URLField(max_length=2000)
    position = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "tracked_links"
        constraints = [
            models.UniqueConstraint(
                fields=["content", "position"], name="tracked_link_once_per_position"
            )
        ]

    def __str__(self) -> str:
        return self.target


class LinkClick(ShopOwned):
    """A visit to a link, with the verdict whether a person made it."""

    class Verdict(models.TextChoices):
        PERSON = "person"
        MACHINE = "machine"

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="clicks")
    communication = models.ForeignKey(
        "communications.CustomerCommunication",
        on_delete=models.CASCADE,
        related_name="clicks",
        db_index=False,
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    verdict_reason = models.CharField(max_length=60, blank=True)
    clicked_at = models.DateTimeField()

    class Meta:
        db_table = "link_clicks"
        # Visits to one message are judged together, and a link may have been posted in public.
        indexes = [
            models.Index(fields=["communication", "clicked_at"], name="link_clicks_of_message")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.link_id}"
