from django.contrib import admin, messages

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from communications import incidents
from communications.models import Incident


@admin.register(Incident)
class IncidentAdmin(ViewOnlyAdmin):
    """Found by the sending engine; a person looks into it and says that it is settled."""

    actions = ("resolve",)
    list_display = (
        "kind",
        "detail",
        "dispatch",
        "created_at",
        "resolved_at",
        "resolved_by",
        "shop",
    )
    list_display_links = ("kind", "detail")
    list_select_related = ("dispatch", "resolved_by", "shop")
    list_filter = (ShopFilter, "kind", MomentFilter.of("resolved_at", "resolved"))
    date_hierarchy = "created_at"
    search_fields = ("detail", "=dispatch__id")
    search_help_text = "Words of the description, or the number of the dispatch."
    show_full_result_count = False

    readonly_fields = ("meaning", "remedy")

    @admin.display(description="what it means")
    def meaning(self, incident):
        return incidents.guide(incident).meaning

    @admin.display(description="what to do")
    def remedy(self, incident):
        return incidents.guide(incident).remedy

    @admin.action(description="Mark resolved", permissions=["edit"])
    def resolve(self, request, queryset):
        if not request.user.is_superuser:
            queryset = queryset.filter(shop__in=self.shops_where(request, "edit"))
        found = queryset.filter(resolved_at=None).order_by("pk")
        settled = sum(incidents.settle(each, by=request.user) for each in found)
        self.message_user(request, f"{settled} settled.", messages.SUCCESS)
