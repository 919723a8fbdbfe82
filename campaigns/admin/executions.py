from django.contrib import admin
from django.contrib.admin.views.main import ChangeList

from barbershop.shop_admin import ShopFilter, ViewOnlyAdmin
from campaigns import progress
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
        return progress_bar(run.counts)
