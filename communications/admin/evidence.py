"""What providers and people told us. Nobody adds to it by hand, nobody takes from it."""

from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from communications.models import Suppression, SuppressionLift


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
