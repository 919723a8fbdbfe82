from django.contrib import admin
from django.core.exceptions import ValidationError

from barbershop.shop_admin import OneShopForm, ShopAdmin, ShopFilter
from customers import criteria
from customers.models import CustomerSegment


def valid_criteria(raw) -> dict:
    """Criteria from a form: understood, or a form error that names the nearest known word."""
    try:
        criteria.parse(raw)
    except criteria.CriteriaError as error:
        raise ValidationError(str(error), code="invalid_criteria") from error
    return raw or {}


class SegmentForm(OneShopForm):
    def clean_criteria(self):
        return valid_criteria(self.cleaned_data["criteria"])


@admin.register(CustomerSegment)
class CustomerSegmentAdmin(ShopAdmin):
    form = SegmentForm
    list_display = ("name", "description", "meaning", "created_by", "updated_at", "shop")
    list_select_related = ("created_by", "shop")
    list_filter = (ShopFilter,)
    search_fields = ("name", "description")
    search_help_text = "Name or description."
    readonly_fields = ("meaning", "created_by", "created_at", "updated_at")

    @admin.display(description="means")
    def meaning(self, segment):
        try:
            return criteria.parse(segment.criteria).sentence()
        except criteria.CriteriaError as error:
            return f"Cannot be read: {error}"
