from django.contrib import admin
from django.db.models import Count, Q

from barbershop import suspension
from barbershop.models import Barbershop, ClosedDay, Membership, Organization
from barbershop.shop_admin import MomentFilter, ShopAdmin, ShopFilter, ShopTabularInline
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act

Role = Membership.Role


def _foresee_suspension(shop: Barbershop) -> Consequence:
    if shop.suspended_at:
        return Consequence(blocker=f"It is suspended already: {shop.suspended_reason}")
    return Consequence(
        [
            ("Nothing", "of this shop is sent from then on, whoever has started it"),
            ("Waiting", "messages of its campaigns go on when the suspension is lifted"),
            ("Reminders", "confirmations and trials are refused for good"),
            ("Everybody", "who works there reads on every page that it is suspended, and why"),
        ]
    )


def _foresee_lifting(shop: Barbershop) -> Consequence:
    if not shop.suspended_at:
        return Consequence(blocker="It is not suspended.")
    return Consequence(
        [
            (shop.suspended_reason, "is why it is suspended"),
            ("At once", "whatever waits goes on: cancel first what is not to be sent any more"),
        ]
    )


SUSPEND = Step(
    action="suspend",
    question="Suspend these shops?",
    label="Suspend now",
    foresee=_foresee_suspension,
    act=lambda shop, by, reason: suspension.suspend(shop, by=by, reason=reason),
    done="is suspended: nothing of it is sent any more",
    may=lambda request, shop: suspension.may_suspend(request.user, shop),
    refusals=suspension.NotPossible,
    danger=True,
    asks_reason=True,
    once=False,
)
LIFT = Step(
    action="lift",
    question="Lift the suspension of these shops?",
    label="Lift it now",
    foresee=_foresee_lifting,
    act=lambda shop, by, reason: suspension.lift(shop, by=by, reason=reason),
    done="may send again",
    may=lambda request, shop: suspension.may_lift(request.user, shop),
    refusals=suspension.NotPossible,
    asks_reason=True,
    once=False,
)


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
    actions = ("suspend", "lift")
    list_display = (
        *("name", "organization", "country", "timezone", "currency", "member_count"),
        "suspended_at",
    )
    list_select_related = ("organization",)
    list_filter = (MomentFilter.of("suspended_at", "suspended"), "country", "currency")
    search_fields = ("name", "slug", "=phone")
    search_help_text = "Name, short name, or exact phone number."
    readonly_fields = (
        *("suspended_at", "suspended_reason", "suspended_by"),
        *("created_at", "updated_at"),
    )

    @admin.action(description="Suspend…", permissions=["suspend"])
    def suspend(self, request, queryset):
        return ask_then_act(self, request, queryset, SUSPEND)

    @admin.action(description="Lift the suspension…", permissions=["suspend"])
    def lift(self, request, queryset):
        return ask_then_act(self, request, queryset, LIFT)

    def has_suspend_permission(self, request):
        """Whether the actions are offered; for each shop it is asked again."""
        return request.user.is_superuser or bool(
            Membership.objects.filter(
                user=request.user, shop=None, role__in=[Role.OWNER, Role.MANAGER]
            )
        )

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
