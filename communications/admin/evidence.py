"""What providers and people told us. Nobody adds to it by hand, nobody takes from it."""

from django.contrib import admin

from barbershop.models import Membership
from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from communications.models import ProviderEvent, Suppression, SuppressionLift


@admin.register(ProviderEvent)
class ProviderEventAdmin(ViewOnlyAdmin):
    view_role = Membership.Role.STAFF
    list_display = ("kind", "provider", "event_key", "occurred_at", "folded_at", "error", "shop")
    list_select_related = ("shop",)
    list_filter = (
        ShopFilter,
        "provider",
        "kind",
        MomentFilter.of("folded_at", "understood"),
        MomentFilter.of("quarantined_at", "in quarantine"),
    )
    date_hierarchy = "received_at"
    search_fields = ("=event_key", "=communication_uuid", "=attempt_uuid", "error")
    search_help_text = "Exact event key, uuid of the message or call, or words of the error."
    show_full_result_count = False


@admin.register(Suppression)
class SuppressionAdmin(ViewOnlyAdmin):
    list_display = ("address_hmac", "channel", "cause", "note", "created_at", "lift", "shop")
    list_select_related = ("lift", "shop")
    list_filter = (ShopFilter, "channel", "cause", MomentFilter.of("lift", "lifted"))
    date_hierarchy = "created_at"
    search_fields = ("address_hmac", "note")
    search_help_text = "Fingerprint of the address, or note."
    show_full_result_count = False

    @admin.display(description="lifted", ordering="lift__lifted_at")
    def lift(self, suppression):
        lift = getattr(suppression, "lift", None)
        return lift.lifted_at if lift else None


@admin.register(SuppressionLift)
class SuppressionLiftAdmin(ViewOnlyAdmin):
    list_display = ("suppression", "reason", "lifted_by", "lifted_at", "shop")
    list_select_related = ("suppression", "lifted_by", "shop")
    list_filter = (ShopFilter,)
    date_hierarchy = "lifted_at"
    search_fields = ("reason", "lifted_by__email")
    search_help_text = "Reason, or who lifted it (email)."
