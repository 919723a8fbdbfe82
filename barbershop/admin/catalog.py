from django.contrib import admin

from barbershop.models import Barber, Opening, Service
from barbershop.shop_admin import ShopAdmin, ShopFilter
from barbershop.shop_admin.keeping import KeptWhileUsed
from barbershop.templatetags.ui import money


@admin.register(Barber)
class BarberAdmin(KeptWhileUsed, ShopAdmin):
    list_display = ("__str__", "external_id", "is_active", "updated_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "is_active")
    search_fields = ("first_name", "last_name", "=external_id")
    search_help_text = "Name, or the exact id in your other system."
    readonly_fields = ("created_at", "updated_at")


@admin.register(Service)
class ServiceAdmin(KeptWhileUsed, ShopAdmin):
    list_display = ("name", "category", "price_shown", "duration_minutes", "is_active", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "is_active")
    search_fields = ("name", "category", "=external_id")
    search_help_text = "Name, category, or the exact id in your other system."
    readonly_fields = ("created_at", "updated_at")

    @admin.display(description="price", ordering="price")
    def price_shown(self, service):
        return money(service.price, service.shop.currency)


@admin.register(Opening)
class OpeningAdmin(ShopAdmin):
    """Times that the booking system reports; what is past means nothing."""

    list_display = ("starts_at", "barber", "service", "duration_minutes", "shop")
    list_select_related = ("barber", "service", "shop")
    list_filter = (ShopFilter,)
    date_hierarchy = "starts_at"
    search_fields = ("barber__first_name", "barber__last_name", "=external_id")
    search_help_text = "The barber's name, or the exact id in your other system."
    readonly_fields = ("created_at", "updated_at")
