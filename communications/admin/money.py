from django.contrib import admin

from barbershop.currencies import minor_units
from barbershop.models import Membership
from barbershop.shop_admin import ShopAdmin, ShopFilter, ViewOnlyAdmin
from barbershop.templatetags.ui import money
from communications.models import Budget, BudgetReservation, MessagePrice

Role = Membership.Role


def money_of(micros: int, currency: str) -> str:
    return money(minor_units(micros, currency), currency)


@admin.register(Budget)
class BudgetAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    list_display = ("__str__", "month", "limit", "reserved", "spent", "exhausted_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    date_hierarchy = "month"
    search_fields = ("shop__name",)
    search_help_text = "Shop."
    readonly_fields = (
        "reserved_micros",
        "spent_micros",
        "warned_at",
        "exhausted_at",
        "created_at",
        "updated_at",
    )
    set_once = ("month",)

    @admin.display(ordering="limit_micros")
    def limit(self, budget):
        return money_of(budget.limit_micros, budget.shop.currency)

    @admin.display(ordering="reserved_micros")
    def reserved(self, budget):
        return money_of(budget.reserved_micros, budget.shop.currency)

    @admin.display(ordering="spent_micros")
    def spent(self, budget):
        return money_of(budget.spent_micros, budget.shop.currency)


@admin.register(BudgetReservation)
class BudgetReservationAdmin(ViewOnlyAdmin):
    list_display = ("budget", "attempt", "amount", "state", "created_at", "closed_at", "shop")
    list_select_related = ("budget", "attempt", "shop")
    list_filter = (ShopFilter, "state")
    date_hierarchy = "created_at"
    search_fields = ("=attempt__provider_id", "=attempt__id")
    search_help_text = "Number of the call, or the provider's exact id of it."
    show_full_result_count = False

    @admin.display(ordering="amount_micros")
    def amount(self, reservation):
        return money_of(reservation.amount_micros, reservation.shop.currency)


@admin.register(MessagePrice)
class MessagePriceAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    list_display = (
        "channel",
        "country",
        "currency",
        "micros_per_part",
        "valid_from",
        "source",
        "shop",
    )
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "channel", "currency")
    date_hierarchy = "valid_from"
    search_fields = ("=country", "=currency", "source")
    search_help_text = "Country or currency code, or source."
