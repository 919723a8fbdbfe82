from django import forms
from django.contrib import admin

from barbershop.shop_admin import MomentFilter, OneShopForm, ShopAdmin, ShopFilter, ViewOnlyAdmin
from campaigns.models import Offer, OfferCode, Referral


class OfferForm(OneShopForm):
    def clean(self):
        cleaned = super().clean()
        kind, value = cleaned.get("kind"), cleaned.get("value")
        if kind == Offer.Kind.PERCENT and value is not None and not 1 <= value <= 100:
            self.add_error("value", forms.ValidationError("A percentage is from 1 to 100."))
        return cleaned


@admin.register(Offer)
class OfferAdmin(ShopAdmin):
    form = OfferForm
    list_display = ("name", "kind", "value", "service", "valid_days", "code_prefix", "shop")
    list_select_related = ("service", "shop")
    list_filter = (ShopFilter, "kind")
    search_fields = ("name", "code_prefix")
    search_help_text = "Name or code prefix."
    readonly_fields = ("created_at", "updated_at")


@admin.register(OfferCode)
class OfferCodeAdmin(ViewOnlyAdmin):
    list_display = ("code", "offer", "customer", "issued_at", "expires_at", "redeemed_at", "shop")
    list_select_related = ("offer", "customer", "shop")
    list_filter = (ShopFilter, MomentFilter.of("redeemed_at", "redeemed"))
    date_hierarchy = "issued_at"
    search_fields = ("code", "customer__first_name", "customer__last_name", "customer__email")
    search_help_text = "Code, or the customer's name or email."
    show_full_result_count = False


@admin.register(Referral)
class ReferralAdmin(ViewOnlyAdmin):
    list_display = ("referrer", "friend", "created_at", "first_visit_at", "rewarded_at", "shop")
    list_select_related = ("referrer", "friend", "shop")
    list_filter = (ShopFilter, MomentFilter.of("rewarded_at", "rewarded"))
    date_hierarchy = "created_at"
    search_fields = (
        "referrer__first_name",
        "referrer__last_name",
        "friend__first_name",
        "friend__last_name",
    )
    search_help_text = "Name of either."
