"""How far runs have come, counted from the ledger for a whole page of campaigns at once."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, When

from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from communications.models import CustomerCommunication, DeliveryAttempt

SendState = CustomerCommunication.SendState
InCall = DeliveryAttempt.State

# Every state a ledger row can be in, by the word under which it is counted.
COUNTED_AS = {
    SendState.PENDING: "pending",
    InCall.CLAIMED: "pending",
    InCall.SENDING: "pending",
    InCall.RELEASED: "pending",
    InCall.ACCEPTED: "sent",
    InCall.UNKNOWN: "unknown",
    InCall.NOT_SENT: "unknown",
    SendState.BLOCKED: "blocked",
    SendState.REJECTED: "rejected",
    SendState.CANCELLED: "cancelled",
}


@dataclass
class Counts:
    """Ledger rows of one execution, one per person and channel.

    ``audience`` is the sum of the other words. ``pending`` includes what is in a call right now.
    ``held_out`` are people deliberately not written to; they have no row and stand beside.
    ``people`` are all customers considered, those held out included.
    """

    audience: int = 0
    pending: int = 0
    sent: int = 0
    blocked: int = 0
    rejected: int = 0
    unknown: int = 0
    cancelled: int = 0
    held_out: int = 0
    people: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def count(executions: Iterable[CampaignExecution]) -> dict[int, Counts]:
    """``{execution id: Counts}`` in two queries, however many executions there are."""
    by_dispatch = {execution.dispatch_id: Counts() for execution in executions}
    by_execution = {execution.pk: by_dispatch[execution.dispatch_id] for execution in executions}
    rows = (
        CustomerCommunication.objects.filter(dispatch__in=by_dispatch)
        .order_by()
        .values("dispatch")
        .annotate(
            word=Case(
                When(send_state=SendState.IN_CALL, then=F("attempt__state")),
                default=F("send_state"),
                output_field=CharField(),
            ),
            n=Count("pk"),
        )
    )
    for row in rows:
        counts = by_dispatch[row["dispatch"]]
        name = COUNTED_AS[row["word"]]
        setattr(counts, name, getattr(counts, name) + row["n"])
        counts.audience += row["n"]
    people = (
        CampaignResponse.objects.filter(execution__in=by_execution)
        .order_by()
        .values("execution")
        .annotate(n=Count("pk"), held_out=Count("pk", filter=Q(is_holdout=True)))
    )
    for row in people:
        counts = by_execution[row["execution"]]
        counts.people, counts.held_out = row["n"], row["held_out"]
    return by_execution


def with_current_execution(definitions: QuerySet) -> QuerySet:
    """Annotate ``current_execution_id``: the newest run of each campaign, or None."""
    newest = CampaignExecution.objects.filter(definition=OuterRef("pk"))
    newest = newest.order_by("-started_at", "-pk").values("pk")[:1]
    return definitions.annotate(current_execution_id=Subquery(newest))


def attach_executions(definitions: Iterable[CampaignDefinition]) -> list[CampaignDefinition]:
    """Give each annotated campaign its ``current_execution`` (or None), with ``counts``."""
    definitions = list(definitions)
    wanted = [found for d in definitions if (found := d.current_execution_id)]
    executions = attach_counts(
        CampaignExecution.objects.filter(pk__in=wanted).select_related("dispatch")
    )
    by_id = {execution.pk: execution for execution in executions}
    for definition in definitions:
        definition.current_execution = by_id.get(definition.current_execution_id)
    return definitions


def attach_counts(executions: Iterable[CampaignExecution]) -> list[CampaignExecution]:
    """Give each execution its ``counts``."""
    executions = list(executions)
    counts = count(executions)
    for execution in executions:
        execution.counts = counts[execution.pk]
    return executions


def current_execution(definition: CampaignDefinition) -> CampaignExecution | None:
    """The newest run of one campaign."""
    return definition.executions.select_related("dispatch").order_by("-started_at", "-pk").first()
