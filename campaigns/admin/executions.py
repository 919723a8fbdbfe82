from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.urls import reverse
from django.utils.html import format_html

from barbershop.shop_admin import ShopFilter, ViewOnlyAdmin
from barbershop.templatetags.ui import NOTHING
from campaigns import live, progress
from campaigns.admin.controls import RunControls
from campaigns.admin.definitions import progress_bar
from campaigns.models import CampaignExecution
from communications.models import Dispatch


class StatusFilter(admin.SimpleListFilter):
    """The state of a run is its dispatch's."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [*Dispatch.State.choices, ("testing", "Testing")]

    def queryset(self, request, queryset):
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(status=self.value()) if self.value() in known else queryset


class ExecutionList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        self.result_list = progress.attach_counts(self.result_list)


@admin.register(CampaignExecution)
class CampaignExecutionAdmin(RunControls, ViewOnlyAdmin):
    control_relations = ("definition", "dispatch", "shop")
    actions = ("pause", "resume", "cancel")
    list_display = (
        "definition",
        "occurrence_key",
        "status",
        "sent",
        "started_at",
        "finished_at",
        "shop",
    )
    list_select_related = ("definition", "dispatch", "shop")
    list_filter = (ShopFilter, StatusFilter)
    date_hierarchy = "started_at"
    search_fields = ("definition__name", "occurrence_key", "started_by__email")
    search_help_text = "Campaign, occurrence, or who started it (email)."
    show_full_result_count = False
    readonly_fields = ("status", "paused", "books", "on_the_wire", "unresolved", "incidents")
    fields = (
        *("definition", "status", "paused", "books", "on_the_wire", "unresolved", "incidents"),
        *("dispatch", "occurrence_key", "started_by", "started_at", "audience_complete_at"),
        *("testing_until", "decided_at", "failure", "shop"),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_status()

    def get_changelist(self, request, **kwargs):
        return ExecutionList

    def view_on_site(self, obj):
        return f"/campaigns/{obj.definition_id}/"

    @admin.display(ordering="status")
    def status(self, run):
        return run.status

    @admin.display(ordering="dispatch__finished_at")
    def finished_at(self, run):
        return run.finished_at

    @admin.display(description="sent")
    def sent(self, run):
        """As far as it has come, and how many messages nobody knows the outcome of."""
        unknown = run.counts.unknown
        bar = progress_bar(run.counts)
        return format_html("{}, {} not known", bar, f"{unknown:,}") if unknown else bar

    @admin.display(description="why it is paused")
    def paused(self, run):
        return run.dispatch.paused_reason or NOTHING

    @admin.display(description="messages")
    def books(self, run):
        counts = _live(run).counts
        words = ("pending", "sent", "blocked", "rejected", "unknown", "cancelled")
        parts = " + ".join(f"{getattr(counts, word):,} {word}" for word in words)
        return f"{parts} = {counts.audience:,}"

    @admin.display(description="calls on the wire")
    def on_the_wire(self, run):
        return str(_live(run).on_the_wire)

    @admin.display(description="calls whose outcome is not known")
    def unresolved(self, run):
        return _to_calls(run, str(_live(run).unresolved))

    @admin.display(description="open incidents")
    def incidents(self, run):
        return _live(run).open_incidents


def _live(run: CampaignExecution) -> live.Live:
    """Asked once for all fields of a page."""
    if not hasattr(run, "live"):
        run.live = live.of(run)
    return run.live


def _to_calls(run: CampaignExecution, text: str):
    """A link to the calls of the run, where a person may release them."""
    calls = reverse("admin:communications_deliveryattempt_changelist")
    return format_html(
        '<a href="{}?dispatch__id__exact={}&amp;state__in={}">{}</a>',
        calls,
        run.dispatch_id,
        ",".join(sorted(live.UNRESOLVED)),
        text,
    )
