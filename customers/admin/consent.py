"""The evidence of consent: to be read. What a customer says anew is recorded by the product."""

from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from customers.models import ConsentChain, ContactConsent, ContactConsentDetail, OptInRequest

NAME = ("customer__first_name", "customer__last_name", "customer__email")


@admin.register(ContactConsent)
class ContactConsentAdmin(ViewOnlyAdmin):
    list_display = ("customer", "channel", "topic", "decision", "source", "given_at", "shop")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter, "channel", "topic", "decision")
    date_hierarchy = "given_at"
    search_fields = (*NAME, "source")
    search_help_text = "The customer's name or email, or the source."
    show_full_result_count = False


@admin.register(ContactConsentDetail)
class ContactConsentDetailAdmin(ViewOnlyAdmin):
    list_display = ("consent", "address", "ip", "recorded_by", "note", "shop")
    list_select_related = ("consent", "recorded_by", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("address", "ip", "note")
    search_help_text = "Address, IP or note."
    show_full_result_count = False


@admin.register(ConsentChain)
class ConsentChainAdmin(ViewOnlyAdmin):
    list_display = ("customer", "seq", "head_hash", "shop")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter,)
    search_fields = NAME
    search_help_text = "The customer's name or email."
    show_full_result_count = False


@admin.register(OptInRequest)
class OptInRequestAdmin(ViewOnlyAdmin):
    list_display = ("customer", "channel", "source", "asked_at", "confirmed_at", "ip", "shop")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter, "channel", MomentFilter.of("confirmed_at", "confirmed"))
    date_hierarchy = "asked_at"
    search_fields = (*NAME, "ip")
    search_help_text = "The customer's name or email, or the IP address."
    secret_fields = ("uuid",)  # whoever knows it could confirm in the customer's place
    show_full_result_count = False
