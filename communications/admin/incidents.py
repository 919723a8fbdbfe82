from django.contrib import admin, messages
from django.utils import timezone

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
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

    @admin.action(description="Say that it is settled", permissions=["edit"])
    def resolve(self, request, queryset):
        if not request.user.is_superuser:
            queryset = queryset.filter(shop__in=self.shops_where(request, "edit"))
        open_ones = self.model.objects.filter(pk__in=queryset.values("pk"), resolved_at=None)
        settled = open_ones.update(resolved_at=timezone.now(), resolved_by=request.user)
        self.message_user(request, f"{settled} settled.", messages.SUCCESS)
