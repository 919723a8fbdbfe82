"""People and their roles. Nobody can give himself more than he has."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import Count, Q

from barbershop.models import Barbershop, Membership, User
from barbershop.shop_admin import OneShopForm, ShopAdmin, ShopFilter, ShopTabularInline

Role = Membership.Role


class MembershipForm(OneShopForm):
    def clean(self):
        cleaned = super().clean()
        shop, organization = cleaned.get("shop"), cleaned.get("organization")
        if shop and organization and shop.organization_id != organization.pk:
            self.add_error("organization", "The shop belongs to another organization.")
        return cleaned


class MembershipInline(ShopTabularInline):
    """In a person's form, which superusers alone may change."""

    model = Membership
    form = MembershipForm
    fk_name = "user"
    exclude = ()
    fields = ("organization", "shop", "role", "phone")
    view_role = Role.MANAGER
    add_role = change_role = delete_role = None

    def shop_ids_of(self, person):
        return shops_of(person)


@admin.register(Membership)
class MembershipAdmin(ShopAdmin):
    """Roles in one shop are its owner's to give; roles in a whole organization are not."""

    form = MembershipForm
    view_role = Role.MANAGER
    add_role = change_role = delete_role = Role.OWNER
    list_display = ("user", "role", "shop", "organization", "phone", "created_at")
    list_select_related = ("user", "shop", "organization")
    list_filter = (ShopFilter, "role")
    search_fields = ("user__email", "user__first_name", "user__last_name", "=phone")
    search_help_text = "Name, email, or exact phone number."
    readonly_fields = ("created_at",)
    set_once = ("user",)

    def get_exclude(self, request, obj=None):
        own = () if request.user.is_superuser else ("organization",)
        return [*super().get_exclude(request, obj), *own]

    def get_readonly_fields(self, request, obj=None):
        names = super().get_readonly_fields(request, obj)
        return [*names, "organization"] if obj and request.user.is_superuser else names

    def save_model(self, request, obj, form, change):
        if obj.organization_id is None:
            obj.organization = obj.shop.organization
        super().save_model(request, obj, form, change)


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes = {"email": forms.EmailField}

    def clean_email(self):
        return _own_address(self)


class PersonChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"email": forms.EmailField}

    def clean_email(self):
        return _own_address(self)


def _own_address(form) -> str:
    """Lower case, as it is stored; two people never share one."""
    email = form.cleaned_data["email"].lower()
    if User.objects.filter(email__iexact=email).exclude(pk=form.instance.pk).exists():
        raise ValidationError("Somebody signs in with this address already.", code="unique")
    return email


def shops_of(person) -> set[int]:
    """The shops a person belongs to, or could see as a member of their organization."""
    return set(Barbershop.objects.filter(_working_with(person)).values_list("pk", flat=True))


def _working_with(person) -> Q:
    wide = Membership.objects.filter(user=person, shop__isnull=True).values("organization")
    return Q(memberships__user=person) | Q(organization__in=wide)


@admin.register(User)
class PersonAdmin(ShopAdmin, UserAdmin):
    """Accounts are the installation's; members may look up whom they work with."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    view_role = Role.MANAGER
    add_role = change_role = delete_role = None
    inlines = (MembershipInline,)
    ordering = ("email",)
    list_display = ("email", "name", "membership_count", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "first_name", "last_name")
    search_help_text = "Name or email."
    readonly_fields = ("last_login", "date_joined")
    secret_fields = ("password",)
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "password")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser")}),
        (
            "Other packages' pages",
            {"fields": ("groups", "user_permissions"), "classes": ("collapse",)},
        ),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)

    def get_exclude(self, request, obj=None):
        return self.exclude  # the password is there as a masked hash, with its own page

    def get_fieldsets(self, request, obj=None):
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": ("email", "first_name", "last_name", "is_active")}),)

    def get_list_filter(self, request):
        return self.list_filter if request.user.is_superuser else ()

    def shop_ids_of(self, person):
        return shops_of(person)

    def in_shops(self, queryset, shops):
        wide = Q(shop__isnull=True, organization__in=shops.values("organization"))
        members = Membership.objects.filter(Q(shop__in=shops) | wide)
        return queryset.filter(pk__in=members.values("user"))

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(membership_count=Count("memberships"))

    @admin.display(ordering="last_name")
    def name(self, person):
        return person.get_full_name()

    @admin.display(description="roles", ordering="membership_count")
    def membership_count(self, person):
        return person.membership_count
