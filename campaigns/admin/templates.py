from django.contrib import admin
from django.db.models import Max

from barbershop.shop_admin import ShopAdmin, ShopFilter
from campaigns import template_versions
from campaigns.admin.forms import VersionForm
from campaigns.models import CampaignTemplate, CampaignTemplateVersion


@admin.register(CampaignTemplate)
class CampaignTemplateAdmin(ShopAdmin):
    list_display = ("name", "key", "category", "newest", "updated_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "category")
    search_fields = ("name", "key", "category")
    search_help_text = "Name, key or category."
    readonly_fields = ("created_at", "updated_at")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(newest=Max("versions__number"))

    @admin.display(description="newest version", ordering="newest")
    def newest(self, template):
        return template.newest


@admin.register(CampaignTemplateVersion)
class CampaignTemplateVersionAdmin(ShopAdmin):
    """Versions are added, never edited: a campaign may have been made from any of them."""

    verbs = frozenset({"add"})
    form = VersionForm
    list_display = ("template", "number", "created_by", "created_at", "shop")
    list_select_related = ("template", "created_by", "shop")
    list_filter = (ShopFilter,)
    date_hierarchy = "created_at"
    search_fields = ("template__name", "template__key")
    search_help_text = "Name or key of the template."
    readonly_fields = ("number", "restored_from", "created_by", "created_at")

    def save_model(self, request, obj, form, change):
        """The verb numbers it, under the template's lock."""
        said = template_versions.of_version(obj)
        made = template_versions.write(obj.template, said=said, note=obj.note, by=request.user)
        obj.pk, obj.number = made.pk, made.number
