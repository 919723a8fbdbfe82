from django.contrib import admin

from barbershop.shop_admin import ShopAdmin, ShopFilter
from barbershop.templatetags.ui import money
from customers.models import Appointment, Payment

BY_CUSTOMER = (
    "customer__first_name",
    "customer__last_name",
    "customer__email",
    "=customer__phone",
    "=external_id",
)
HELP = "The customer's name, email or exact phone number, or the exact id elsewhere."


@admin.register(Appointment)
class AppointmentAdmin(ShopAdmin):
    list_display = ("starts_at", "customer", "barber", "service", "status", "price_shown", "shop")
    list_select_related = ("customer", "barber", "service", "shop")
    list_filter = (ShopFilter, "status", "starts_at")
    date_hierarchy = "starts_at"
    search_fields = BY_CUSTOMER
    search_help_text = HELP
    readonly_fields = ("created_at", "updated_at")
    show_full_result_count = False

    @admin.display(description="price", ordering="price")
    def price_shown(self, appointment):
        return money(appointment.price, appointment.shop.currency)


@admin.register(Payment)
class PaymentAdmin(ShopAdmin):
    list_display = ("paid_at", "customer", "amount_shown", "refunded", "external_id", "shop")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter, "paid_at")
    date_hierarchy = "paid_at"
    search_fields = BY_CUSTOMER
    search_help_text = HELP
    readonly_fields = ("created_at", "updated_at")
    show_full_result_count = False

    @admin.display(description="amount", ordering="amount")
    def amount_shown(self, payment):
        return money(payment.amount, payment.shop.currency)

    @admin.display(ordering="refunded_amount")
    def refunded(self, payment):
        return money(payment.refunded_amount, payment.shop.currency)
