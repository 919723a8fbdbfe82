"""Campaigns: written here or in the dashboard, set in motion by confirmed actions."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html

from barbershop import whole_numbers
from barbershop.models import Membership
from barbershop.shop_admin import ShopAdmin, ShopFilter, ShopTabularInline
from barbershop.shop_admin.keeping import KeptWhileUsed
from campaigns import planning, progress
from campaigns.admin import steps
from campaigns.admin.controls import RunControls
from campaigns.admin.forms import DefinitionForm, VariantForm
from campaigns.models import CampaignDefinition, CampaignSegment, CampaignVariant
from customers.models import CustomerSegment

Status = CampaignDefinition.Status
Role = Membership.Role


class EditableWithItsCampaign(ShopTabularInline):
    """What has been sent stays as it was."""

    def may(self, request, verb, obj=None):
        written = verb == "view" or obj is None or _is_open(self, request, obj)
        return written and super().may(request, verb, obj)


class VariantInline(EditableWithItsCampaign):
    model = CampaignVariant
    form = VariantForm
    readonly_fields = ("chosen_at",)


class SegmentInline(EditableWithItsCampaign):
    """A new campaign may begin with a segment, where the address names one (``?segment=7``)."""

    model = CampaignSegment

    def get_extra(self, request, obj=None, **kwargs):
        return len(self.first_rows(request, obj))

    def first_rows(self, request, obj) -> list[dict]:
        """Only while the form is shown for the first time: what equals it would not be stored."""
        if request.method == "POST" or (obj is not None and obj.pk is not None):
            return []
        own = CustomerSegment.objects.for_shop(getattr(request, "shop", None))
        wanted = whole_numbers.read(request.GET.get("segment", ""))
        found = own.filter(pk=wanted or 0).values_list("pk", flat=True)
        return [{"segment": pk, "mode": CampaignSegment.Mode.INCLUDE} for pk in found]


class CampaignList(ChangeList):
    """A page of campaigns with how far each has come, counted for all of them at once."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = progress.attach_executions(self.result_list)


@admin.register(CampaignDefinition)
class CampaignDefinitionAdmin(RunControls, KeptWhileUsed, ShopAdmin):
    control_relations = ("shop",)
    form = DefinitionForm
    inlines = (VariantInline, SegmentInline)
    list_display = ("name", "state", "sent", "campaign_type", "category", "created_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "status", "campaign_type", "category", "trigger")
    date_hierarchy = "created_at"
    search_fields = ("name", "primary_goal", "created_by__email")
    search_help_text = "Name, goal, or who made it (email)."
    readonly_fields = ("trigger", "created_by", "created_at", "updated_at")
    actions = ("execute", "pause", "resume", "cancel", "duplicate")

    def get_queryset(self, request):
        return progress.with_current_execution(super().get_queryset(request))

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST":
            # Whoever starts it waits, or has come first and is seen: never half of each.
            number = whole_numbers.read(str(object_id))
            found = self.model.objects.select_for_update().filter(pk=number or 0)
            list(found.values_list("pk", flat=True))
        return super().get_object(request, object_id, from_field)

    def get_changelist(self, request, **kwargs):
        return CampaignList

    def get_formset_kwargs(self, request, obj, inline, prefix):
        told = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, SegmentInline) and (rows := inline.first_rows(request, obj)):
            told["initial"] = rows
        return told

    def get_readonly_fields(self, request, obj=None):
        names = super().get_readonly_fields(request, obj)
        if self.has_send_permission(request, obj):
            return names
        return [*names, "status", "scheduled_for"]  # a schedule is a send that comes later

    def has_change_permission(self, request, obj=None):
        return (obj is None or _is_open(self, request, obj)) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request, obj=None):
        return (obj is None or _is_open(self, request, obj)) and super().has_delete_permission(
            request, obj
        )

    def delete_model(self, request, obj):
        planning.delete(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for definition in queryset:
            planning.delete(definition, by=request.user)

    def view_on_site(self, obj):
        return f"/campaigns/{obj.pk}/"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        verbs = [] if obj is None else _verbs(self, request, obj)
        context["verbs"] = [(verb, self.get_action(verb)[2]) for verb in verbs]
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(ordering="status")
    def state(self, definition):
        run = definition.current_execution
        return run.current_status if run else definition.status

    @admin.display(description="sent")
    def sent(self, definition):
        run = definition.current_execution
        return progress_bar(run.counts) if run else None

    @admin.action(description="Execute…", permissions=["send"])
    def execute(self, request, queryset):
        return steps.execute(self, request, queryset.select_related("shop", "offer__service"))

    @admin.action(description="Duplicate", permissions=["add"])
    def duplicate(self, request, queryset):
        for definition in queryset:
            if self.has_add_permission(request, definition):
                copy = planning.clone(definition, by=request.user)
                self.message_user(request, f"{copy} is a new draft.", messages.SUCCESS)


def progress_bar(counts):
    """Sent of all, as a bar and in numbers; nothing while there is nobody."""
    if not counts.audience:
        return None
    return format_html(
        '<progress max="{}" value="{}"></progress> {} of {}',
        counts.audience,
        counts.sent,
        f"{counts.sent:,}",
        f"{counts.audience:,}",
    )


def _is_open(model_admin, request, definition) -> bool:
    """A draft, or a scheduled one for those who may send: it would start by itself as changed."""
    if definition.status == Status.SCHEDULED:
        return model_admin.has_send_permission(request, definition)
    return definition.status in {"", Status.DRAFT}


def _verbs(model_admin, request, definition) -> list[str]:
    """The verbs that lead anywhere now, of those the person may use."""
    run = progress.current_execution(definition)
    if run is None:
        possible = ["execute"] if definition.is_editable else []
    else:
        possible = [verb for verb, states in steps.POSSIBLE.items() if run.current_status in states]
    may = {"execute": "send", "resume": "send", "pause": "stop", "cancel": "stop"}
    return [verb for verb in possible if model_admin.may(request, may[verb], definition)]
