from django.contrib import admin, messages

from analytics.models import Alert
from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin


@admin.register(Alert)
class AlertAdmin(ViewOnlyAdmin):
    """Raised and resolved by what they watch; people say that they have seen them."""

    actions = ("acknowledge",)
    list_display = (
        "title",
        "severity",
        "kind",
        "created_at",
        "acknowledged_at",
        "resolved_at",
        "shop",
    )
    list_display_links = ("title",)
    list_select_related = ("shop",)
    list_filter = (
        ShopFilter,
        "severity",
        MomentFilter.of("acknowledged_at", "seen"),
        MomentFilter.of("resolved_at", "resolved"),
    )
    date_hierarchy = "created_at"
    search_fields = ("title", "body", "kind")
    search_help_text = "Title, text or kind."

    @admin.action(description="Say that it was seen", permissions=["edit"])
    def acknowledge(self, request, queryset):
        if not request.user.is_superuser:
            queryset = queryset.filter(shop__in=self.shops_where(request, "edit"))
        seen = sum(alert.acknowledge(by=request.user) for alert in queryset)
        self.message_user(request, f"{seen} seen for the first time.", messages.SUCCESS)
