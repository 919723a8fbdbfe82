from django import forms
from django.contrib import admin, messages

from barbershop import whole_numbers
from barbershop.models import Membership
from barbershop.shop_admin import OneShopForm, ShopAdmin, ShopFilter, ViewOnlyAdmin
from communications import budgets
from communications.budgets.forms import AmountField
from communications.models import Budget, BudgetReservation, MessagePrice

Role = Membership.Role


class BudgetForm(OneShopForm):
    """A month's budget, written as money; a campaign's is made by executing the campaign."""

    limit = AmountField(help_text="In the shop's currency.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "month" in self.fields:
            self.fields["month"].required = True
        if self.instance.pk and "limit" in self.fields:
            currency = self.instance.shop.currency
            self.fields["limit"].initial = budgets.written(self.instance.limit_micros, currency)

    def clean_month(self):
        month = self.cleaned_data["month"]
        if month and month.day != 1:
            raise forms.ValidationError("Give the first day of the month.")
        return month

    def clean_limit(self):
        """The row is locked by the request, so what is said here still holds when it is saved."""
        micros = self.cleaned_data["limit"]
        if micros < self.instance.lowest_micros:
            raise forms.ValidationError(str(budgets.LimitTooLow(self.instance)))
        return micros


@admin.register(Budget)
class BudgetAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    form = BudgetForm
    exclude = ("limit_micros", "reserved_micros", "spent_micros", "late_micros")
    list_display = ("__str__", "month", "limit", "reserved", "spent", "exhausted_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    date_hierarchy = "month"
    search_fields = ("shop__name",)
    search_help_text = "Shop."
    readonly_fields = (
        "reserved",
        "spent",
        "late",
        "warned_at",
        "exhausted_at",
        "created_at",
        "updated_at",
    )
    set_once = ("month",)

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST":
            # No call reserves and no answer settles while the new limit is looked at.
            number = whole_numbers.read(str(object_id))
            found = self.model.objects.select_for_update().filter(pk=number or 0)
            list(found.values_list("pk", flat=True))
        return super().get_object(request, object_id, from_field)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.limit_micros = form.cleaned_data["limit"]
            super().save_model(request, obj, form, change)
        elif "limit" in form.cleaned_data:
            resumed = budgets.set_limit(
                obj, form.cleaned_data["limit"], by=request.user, request=request
            )
            if resumed:
                self.message_user(request, f"{resumed} paused go on.", messages.SUCCESS)

    @admin.display(ordering="limit_micros")
    def limit(self, budget):
        return budgets.in_words(budget.limit_micros, budget.shop.currency)

    @admin.display(ordering="reserved_micros")
    def reserved(self, budget):
        return budgets.in_words(budget.reserved_micros, budget.shop.currency)

    @admin.display(ordering="spent_micros")
    def spent(self, budget):
        return budgets.in_words(budget.spent_micros, budget.shop.currency)

    @admin.display(ordering="late_micros", description="found late")
    def late(self, budget):
        return budgets.in_words(budget.late_micros, budget.shop.currency)


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
        return budgets.in_words(reservation.amount_micros, reservation.shop.currency)


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
