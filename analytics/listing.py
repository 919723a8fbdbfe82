"""The list of campaigns: in which state each is, and what came of it, for a whole page at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from analytics import metrics
from campaigns import progress
from campaigns.controls import controls
from campaigns.models import (
    AutomationStep,
    CampaignDefinition,
    CampaignExecution,
    CampaignResponse,
)
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch

Status = CampaignDefinition.Status
TABS = {
    "all": "All",
    "draft": "Drafts",
    "scheduled": "Scheduled",
    "running": "Running",
    "done": "Done",
    "automated": "Automated",
    "archived": "Archived",
}
SORTS = {
    "newest": ("Newest first", ("-created_at", "-pk")),
    "oldest": ("Oldest first", ("created_at", "pk")),
    "name": ("Name", ("name", "pk")),
}
ACCEPTED = Q(send_state="in_call", attempt__state=DeliveryAttempt.State.ACCEPTED)
Delivery = CustomerCommunication.Delivery


@dataclass
class Figures:
    """All runs of one campaign: messages, people considered and who clicked (both once per run),
    bookings, money."""

    people: int = 0
    targeted: int = 0
    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    converted: int = 0
    revenue: int = 0

    @property
    def delivery_rate(self) -> float | None:
        return metrics.delivery_rate(delivered=self.delivered, sent=self.sent)


def campaigns(shop) -> QuerySet[CampaignDefinition]:
    """The shop's campaigns, annotated with ``tab``, ``is_automated`` and the newest run's id."""
    definitions = progress.with_current_execution(CampaignDefinition.objects.for_shop(shop))
    run = CampaignExecution.objects.filter(pk=OuterRef("current_execution_id"))
    return definitions.annotate(
        run_state=Subquery(run.values("dispatch__state")[:1]),
        is_automated=Exists(AutomationStep.objects.filter(definition=OuterRef("pk"))),
    ).annotate(
        tab=Case(
            When(~Q(status=Status.ACTIVE), then=F("status")),
            When(is_automated=True, then=Value("automated")),
            When(run_state__in=[str(state) for state in Dispatch.OVER], then=Value("done")),
            default=Value("running"),
        )
    )


def counts_by_tab(definitions: QuerySet) -> dict[str, int]:
    """How many campaigns each tab holds, ``all`` included."""
    rows = definitions.order_by().values_list("tab").annotate(n=Count("pk"))
    counts = dict.fromkeys(TABS, 0) | dict(rows)
    return counts | {"all": sum(counts.values())}


def attach(definitions: Iterable[CampaignDefinition], *, rights) -> list[CampaignDefinition]:
    """Give each its ``current_execution`` with counts, ``figures``, ``state`` and ``next``.

    A fixed number of queries, however many campaigns there are.
    """
    definitions = progress.attach_executions(definitions)
    figures = _figures(definitions)
    for definition in definitions:
        run = definition.current_execution
        definition.figures = figures[definition.pk]
        definition.state = _state(definition, run)
        if run:
            run.handled = run.counts.audience - run.counts.pending
        possible = controls(
            definition.status,
            run and run.current_status,
            rights=rights,
            automated=definition.is_automated,
        )
        definition.next = next((each for each in possible if each.is_primary), None)
    return definitions


def is_in_motion(definition: CampaignDefinition) -> bool:
    """Whether its numbers change by themselves right now."""
    return definition.run_state in {Dispatch.State.PREPARING, Dispatch.State.RUNNING}


def _state(definition, run) -> str:
    if definition.status != Status.ACTIVE or run is None:
        return definition.status
    if definition.is_automated and run.current_status in Dispatch.OVER:
        return Status.ACTIVE
    return run.current_status


def _figures(definitions) -> dict[int, Figures]:
    found: dict[int, Figures] = defaultdict(Figures)
    runs = CampaignExecution.objects.filter(definition__in=[each.pk for each in definitions])
    by_dispatch, by_run = {}, {}
    for pk, dispatch, definition in runs.order_by().values_list("pk", "dispatch", "definition"):
        by_dispatch[dispatch] = by_run[pk] = definition
    for row in _messages(runs):
        figures = found[by_dispatch[row.pop("dispatch")]]
        for name, number in row.items():
            setattr(figures, name, getattr(figures, name) + number)
    for row in _responses(runs):
        figures = found[by_run[row["execution"]]]
        figures.people += row["people"]
        figures.converted += row["converted"]
        figures.revenue += int(row["money"])
    return found


def _messages(runs):
    delivered = ACCEPTED & Q(delivery=Delivery.DELIVERED)
    clicked = ACCEPTED & Q(clicked_at__isnull=False)
    return (
        CustomerCommunication.objects.counted()
        .filter(dispatch__in=runs.order_by().values("dispatch"))
        .order_by()
        .values("dispatch")
        .annotate(
            targeted=Count("pk"),
            sent=Count("pk", filter=ACCEPTED),
            delivered=Count("pk", filter=delivered),
            clicked=Count("customer", distinct=True, filter=clicked),
        )
    )


def _responses(runs):
    return (
        CampaignResponse.objects.filter(execution__in=runs.order_by())
        .order_by()
        .values("execution")
        .annotate(people=Count("pk"), converted=Count("appointment"), money=Sum("revenue"))
    )
