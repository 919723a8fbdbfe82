"""How a shop reaches its providers. Secrets go in and never come out."""

from django import forms
from django.contrib import admin

from barbershop.models import Membership
from barbershop.shop_admin import OneShopForm, ShopAdmin, ShopFilter, ViewOnlyAdmin
from communications import secrets
from communications.models import ProviderAccount, RateBucket, SenderIdentity

Role = Membership.Role


class AccountForm(OneShopForm):
    new_secret = forms.CharField(
        required=False,
        strip=True,
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Write-only. Empty keeps what is stored.",
    )

    def save(self, commit=True):
        if plain := self.cleaned_data.get("new_secret"):
            self.instance.secret = secrets.encrypt(plain)
        return super().save(commit=commit)


@admin.register(ProviderAccount)
class ProviderAccountAdmin(ShopAdmin):
    view_role = add_role = change_role = Role.MANAGER
    delete_role = Role.OWNER
    form = AccountForm
    secret_fields = ("secret",)
    set_once = ("provider",)
    fields = (
        "shop",
        "provider",
        "name",
        "new_secret",
        "has_secret",
        "is_active",
        "failures",
        "open_until",
    )
    readonly_fields = ("has_secret", "failures", "open_until")
    list_display = ("name", "provider", "has_secret", "is_active", "failures", "open_until", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "provider", "is_active")
    search_fields = ("name", "provider")
    search_help_text = "Name or provider."

    @admin.display(boolean=True, description="secret stored")
    def has_secret(self, account):
        return bool(account.secret)


@admin.register(SenderIdentity)
class SenderIdentityAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    list_display = ("address", "channel", "name", "account", "is_default", "verified_at", "shop")
    list_select_related = ("account", "shop")
    list_filter = (ShopFilter, "channel", "is_default")
    search_fields = ("address", "name", "registration")
    search_help_text = "Address, name or registration."
    readonly_fields = ("verified_at", "created_at", "updated_at")


@admin.register(RateBucket)
class RateBucketAdmin(ViewOnlyAdmin):
    list_display = ("key", "capacity", "per_second", "tokens", "refilled_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    search_fields = ("key",)
    search_help_text = "Key."
