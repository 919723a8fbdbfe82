from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopFilter, ViewOnlyAdmin
from barbershop.templatetags.ui import money
from campaigns.models import CampaignResponse


@admin.register(CampaignResponse)
class CampaignResponseAdmin(ViewOnlyAdmin):
    """What came of a campaign for one person: written by execution and attribution alone."""

    list_display = (
        "customer",
        "campaign",
        "variant",
        "is_holdout",
        "converted_at",
        "revenue_shown",
        "shop",
    )
    list_select_related = ("customer", "execution__definition", "variant", "shop")
    list_filter = (ShopFilter, "is_holdout", MomentFilter.of("converted_at", "converted"))
    date_hierarchy = "assigned_at"
    search_fields = (
        "customer__first_name",
        "customer__last_name",
        "customer__email",
        "execution__definition__name",
    )
    search_help_text = "The customer's name or email, or the campaign."
    show_full_result_count = False

    @admin.display(ordering="execution__definition__name")
    def campaign(self, response):
        return response.execution.definition

    @admin.display(description="revenue", ordering="revenue")
    def revenue_shown(self, response):
        return money(response.revenue, response.shop.currency)
