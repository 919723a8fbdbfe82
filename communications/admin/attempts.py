from django.contrib import admin

from barbershop.shop_admin import ShopFilter, ViewOnlyAdmin
from communications.models import AttemptDeparture, DeliveryAttempt


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ViewOnlyAdmin):
    list_display = (
        "__str__",
        "channel",
        "message_count",
        "claimed_at",
        "http_status",
        "error",
        "shop",
    )
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "state", "channel", "http_status")
    date_hierarchy = "claimed_at"
    search_fields = ("=id", "=uuid", "=provider_id", "error", "=dispatch__id")
    search_help_text = "Number, uuid, the provider's exact id, words of the error, or dispatch."
    show_full_result_count = False


@admin.register(AttemptDeparture)
class AttemptDepartureAdmin(ViewOnlyAdmin):
    list_display = ("communication", "attempt", "outcome", "reason", "at", "shop")
    list_select_related = ("communication", "attempt", "shop")
    list_filter = (ShopFilter, "outcome")
    date_hierarchy = "at"
    search_fields = ("reason", "=attempt__id", "communication__address")
    search_help_text = "Reason, number of the call, or address."
    show_full_result_count = False
