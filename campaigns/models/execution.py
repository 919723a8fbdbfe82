"""One run of a campaign."""

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When

from barbershop.models import ShopOwned, ShopQuerySet
from communications.models import Dispatch

MANUAL = "manual"


class ExecutionQuerySet(ShopQuerySet):
    def with_status(self):
        """Annotate ``status``: the dispatch's state, or ``testing`` while its A/B test runs."""
        testing = Q(testing_until__isnull=False, decided_at=None)
        return self.annotate(
            status=Case(
                When(testing & Q(dispatch__state="running"), then=Value("testing")),
                default=F("dispatch__state"),
                output_field=CharField(),
            )
        )


class CampaignExecution(ShopOwned):
    """One run of one campaign: at most one per occurrence (``manual``, ``birthday:2027``).

    Its status is its dispatch's state, which the sending engine guards; ``testing`` is a running
    dispatch whose A/B test has not been decided yet.
    """

    class Status(models.TextChoices):
        PREPARING = "preparing"
        TESTING = "testing"
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    definition = models.ForeignKey(
        "campaigns.CampaignDefinition", on_delete=models.PROTECT, related_name="executions"
    )
    dispatch = models.OneToOneField(
        "communications.Dispatch", on_delete=models.PROTECT, related_name="+"
    )
    occurrence_key = models.CharField(max_length=120, default=MANUAL)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    audience_complete_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last person considered had his row."
    )
    testing_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        db_table = "campaign_executions"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "occurrence_key"],
                name="campaign_execution_once_per_occurrence",
            )
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.occurrence_key}"

    @property
    def current_status(self) -> str:
        """The same as the ``status`` annotation, for one row."""
        if (
            self.testing_until
            and not self.decided_at
            and self.dispatch.state == Dispatch.State.RUNNING
        ):
            return self.Status.TESTING
        return self.dispatch.state

    @property
    def finished_at(self):
        return self.dispatch.finished_at
