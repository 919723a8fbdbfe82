"""A campaign's arms and segments by themselves; most people edit them in the campaign's form."""

from django.contrib import admin

from barbershop.shop_admin import MomentFilter, ShopAdmin, ShopFilter
from campaigns.admin.forms import VariantForm
from campaigns.models import CampaignDefinition, CampaignSegment, CampaignVariant


class PartOfCampaignAdmin(ShopAdmin):
    """Written with the campaign, fixed with it: changed only while it is a draft."""

    set_once = ("definition",)
    list_select_related = ("definition", "shop")

    def get_field_queryset(self, db, db_field, request):
        choices = super().get_field_queryset(db, db_field, request)
        if db_field.name != "definition":
            return choices
        if choices is None:
            choices = CampaignDefinition.objects.all()
        return choices.filter(status=CampaignDefinition.Status.DRAFT)

    def _is_draft(self, obj) -> bool:
        return obj is None or obj.definition.status == CampaignDefinition.Status.DRAFT

    def has_change_permission(self, request, obj=None):
        return self._is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._is_draft(obj) and super().has_delete_permission(request, obj)


@admin.register(CampaignVariant)
class CampaignVariantAdmin(PartOfCampaignAdmin):
    form = VariantForm
    list_display = ("label", "definition", "weight", "chosen_at", "shop")
    list_filter = (ShopFilter, MomentFilter.of("chosen_at", "chosen"))
    search_fields = ("=label", "definition__name")
    search_help_text = "Exact label, or the campaign's name."
    readonly_fields = ("chosen_at",)


@admin.register(CampaignSegment)
class CampaignSegmentAdmin(PartOfCampaignAdmin):
    list_display = ("definition", "mode", "segment", "shop")
    list_select_related = ("definition", "segment", "shop")
    list_filter = (ShopFilter, "mode")
    search_fields = ("definition__name", "segment__name")
    search_help_text = "Campaign or segment."
