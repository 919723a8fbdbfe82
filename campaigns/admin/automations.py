from django.contrib import admin

from barbershop.models import Membership
from barbershop.shop_admin import (
    MomentFilter,
    ShopAdmin,
    ShopFilter,
    ShopTabularInline,
    ViewOnlyAdmin,
)
from campaigns.models import Automation, AutomationEnrollment, AutomationStep

Role = Membership.Role


class StepInline(ShopTabularInline):
    model = AutomationStep
    add_role = change_role = delete_role = Role.MANAGER
    readonly_fields = ("retired_at",)


@admin.register(Automation)
class AutomationAdmin(ShopAdmin):
    """A rule that sends by itself: changing it is for those who may send."""

    verbs = frozenset({"add", "change"})
    add_role = change_role = Role.MANAGER
    inlines = (StepInline,)
    set_once = ("kind",)
    list_display = ("name", "kind", "active_from", "trigger_days", "discount_percent", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "kind", MomentFilter.of("active_from", "switched on"))
    search_fields = ("name", "kind")
    search_help_text = "Name or kind."
    readonly_fields = ("created_at", "updated_at")


@admin.register(AutomationStep)
class AutomationStepAdmin(ShopAdmin):
    verbs = frozenset({"add", "change"})
    add_role = change_role = Role.MANAGER
    set_once = ("automation",)
    list_display = ("automation", "position", "delay_days", "definition", "retired_at", "shop")
    list_select_related = ("automation", "definition", "shop")
    list_filter = (ShopFilter, MomentFilter.of("retired_at", "retired"))
    search_fields = ("automation__name", "definition__name")
    search_help_text = "Automation or campaign."
    readonly_fields = ("retired_at",)


@admin.register(AutomationEnrollment)
class AutomationEnrollmentAdmin(ViewOnlyAdmin):
    list_display = (
        "customer",
        "automation",
        "occurrence_key",
        "entered_at",
        "next_at",
        "exited_at",
        "shop",
    )
    list_select_related = ("customer", "automation", "shop")
    list_filter = (ShopFilter, "is_holdout", MomentFilter.of("exited_at", "left"))
    date_hierarchy = "entered_at"
    search_fields = (
        "customer__first_name",
        "customer__last_name",
        "customer__email",
        "occurrence_key",
        "automation__name",
    )
    search_help_text = "The customer's name or email, the occurrence, or the automation."
    show_full_result_count = False
