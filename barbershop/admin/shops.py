from django.contrib import admin
from django.db.models import Count, Q

from barbershop.models import Barbershop, ClosedDay, Membership, Organization
from barbershop.shop_admin import ShopAdmin, ShopFilter, ShopTabularInline

Role = Membership.Role


class ClosedDayInline(ShopTabularInline):
    model = ClosedDay
    exclude = ()
    change_role = add_role = delete_role = Role.MANAGER

    def shop_ids_of(self, shop):
        return {shop.pk}


@admin.register(Organization)
class OrganizationAdmin(ShopAdmin):
    """Franchises are made by those who run the installation; members may look."""

    add_role = change_role = delete_role = None
    list_display = ("name", "slug", "shop_count", "created_at")
    search_fields = ("name", "slug")
    search_help_text = "Name or short name."
    readonly_fields = ("created_at", "updated_at")

    def shop_ids_of(self, organization):
        return set(organization.shops.values_list("pk", flat=True))

    def in_shops(self, queryset, shops):
        return queryset.filter(pk__in=shops.values("organization"))

    def get_queryset(self, request):
        # The number of shops the person may see: another owner's are none of his business.
        visible = Q(shops__in=Barbershop.objects.for_user(request.user).order_by())
        return super().get_queryset(request).annotate(shop_count=Count("shops", filter=visible))

    @admin.display(description="shops", ordering="shop_count")
    def shop_count(self, organization):
        return organization.shop_count


@admin.register(Barbershop)
class BarbershopAdmin(ShopAdmin):
    add_role = delete_role = None
    change_role = Role.MANAGER
    inlines = (ClosedDayInline,)
    list_display = ("name", "organization", "country", "timezone", "currency", "member_count")
    list_select_related = ("organization",)
    list_filter = ("country", "currency")
    search_fields = ("name", "slug", "=phone")
    search_help_text = "Name, short name, or exact phone number."
    readonly_fields = ("created_at", "updated_at")

    def shop_ids_of(self, shop):
        return {shop.pk}

    def in_shops(self, queryset, shops):
        return queryset.filter(pk__in=shops)

    def get_readonly_fields(self, request, obj=None):
        names = super().get_readonly_fields(request, obj)
        return names if request.user.is_superuser else [*names, "organization", "slug"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(description="people", ordering="member_count")
    def member_count(self, shop):
        return shop.member_count


@admin.register(ClosedDay)
class ClosedDayAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    list_display = ("__str__", "reason", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    date_hierarchy = "on"
    search_fields = ("reason",)
    search_help_text = "Reason."
