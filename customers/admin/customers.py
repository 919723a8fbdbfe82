from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from barbershop.shop_admin import (
    MomentFilter,
    OneShopForm,
    ShopAdmin,
    ShopFilter,
    ShopTabularInline,
    ViewOnlyAdmin,
)
from barbershop.templatetags.ui import money
from customers.addresses import normalise_email, normalise_phone
from customers.admin.erasing import Erasing
from customers.models import Customer, CustomerHealthScore, CustomerTag, Tag, VisitSummary
from customers.shop_words import folded, written


class CustomerForm(OneShopForm):
    """Addresses are refused here; the model would raise while it saves."""

    def clean_email(self):
        return normalise_email(self.cleaned_data["email"])

    def clean(self):
        cleaned = super().clean()
        shop = cleaned.get("shop") or (self.instance.shop if self.instance.shop_id else None)
        if shop is not None:
            self._clean_phone(cleaned, shop)
        if bool(cleaned.get("birth_month")) != bool(cleaned.get("birth_day")):
            self.add_error("birth_day", "A birthday has a month and a day.")
        return cleaned

    def _clean_phone(self, cleaned, shop) -> None:
        """National numbers are meant in the shop's country."""
        try:
            cleaned["phone"] = normalise_phone(cleaned.get("phone", ""), region=shop.country)
        except ValidationError as error:
            self.add_error("phone", error)


class CustomerTagInline(ShopTabularInline):
    model = CustomerTag


@admin.register(Customer)
class CustomerAdmin(Erasing, ShopAdmin):
    """A person is erased, never deleted: his visits and the evidence of his consent stay."""

    verbs = frozenset({"add", "change"})
    form = CustomerForm
    inlines = (CustomerTagInline,)
    list_display = ("__str__", "email", "phone", "last_visit", "visits", "spent_shown", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "source", "health__stage", MomentFilter.of("erased_at", "erased"))
    date_hierarchy = "created_at"
    search_fields = ("first_name", "last_name", "email", "phone", "=external_id")
    search_help_text = "Name, email, digits of the phone number, or the exact id elsewhere."
    readonly_fields = ("erased_at", "created_at", "updated_at", "passport")
    show_full_result_count = False

    def has_change_permission(self, request, obj=None):
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).with_visit_facts()

    @admin.display(ordering="last_visit_at")
    def last_visit(self, customer):
        return customer.last_visit_at

    @admin.display(ordering="visit_count")
    def visits(self, customer):
        return customer.visit_count

    @admin.display(empty_value="-")
    def passport(self, customer):
        """Everything he permitted; the page belongs to a higher floor, so it is named."""
        if customer.pk is None:
            return None
        return format_html(
            '<a href="{}">Everything he permitted</a>',
            reverse("customer-passport", args=[customer.pk]),
        )

    @admin.display(description="spent", ordering="spent")
    def spent_shown(self, customer):
        return money(customer.spent, customer.shop.currency)


class TagForm(OneShopForm):
    """A tag is there once, whatever its capitals and spaces."""

    def clean_name(self):
        return written(self.cleaned_data["name"])

    def clean(self):
        cleaned = super().clean()
        name, shop_id = cleaned.get("name"), self.shop_id()
        if name and shop_id is not None:
            others = Tag.objects.filter(shop=shop_id).exclude(pk=self.instance.pk).order_by("pk")
            for other in others:
                if folded(other.name) == folded(name):
                    self.add_error("name", f"This shop has the tag {other} already.")
                    break
        return cleaned


@admin.register(Tag)
class TagAdmin(ShopAdmin):
    form = TagForm
    list_display = ("name", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    search_fields = ("name",)
    search_help_text = "Name."


@admin.register(CustomerTag)
class CustomerTagAdmin(ShopAdmin):
    list_display = ("customer", "tag", "shop")
    list_select_related = ("customer", "tag", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("tag__name", "customer__first_name", "customer__last_name")
    search_help_text = "Tag, or the customer's name."


@admin.register(CustomerHealthScore)
class CustomerHealthScoreAdmin(ViewOnlyAdmin):
    list_display = ("customer", "score", "stage", "recency_days", "visit_count", "spent_shown")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter, "stage")
    date_hierarchy = "computed_at"
    search_fields = ("customer__first_name", "customer__last_name", "customer__email")
    search_help_text = "The customer's name or email."

    @admin.display(description="spent", ordering="spent")
    def spent_shown(self, health):
        return money(health.spent, health.shop.currency)


@admin.register(VisitSummary)
class VisitSummaryAdmin(ViewOnlyAdmin):
    list_display = ("customer", "visit_count", "first_visit_at", "last_visit_at", "spent_shown")
    list_select_related = ("customer", "shop")
    list_filter = (ShopFilter,)
    date_hierarchy = "last_visit_at"
    search_fields = ("customer__first_name", "customer__last_name", "customer__email")
    search_help_text = "The customer's name or email."

    @admin.display(description="spent", ordering="spent")
    def spent_shown(self, summary):
        return money(summary.spent, summary.shop.currency)
