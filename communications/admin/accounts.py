"""How a shop reaches its providers. Secrets go in and never come out."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.utils import timezone

from barbershop import audit
from barbershop.models import Membership
from barbershop.shop_admin import OneShopForm, ShopAdmin, ShopFilter, ViewOnlyAdmin
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from communications import accounts, secrets
from communications.delivery import breaker
from communications.models import ProviderAccount, RateBucket, SenderIdentity

Role = Membership.Role


class NotWaiting(Exception):
    """Calls go out already."""


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
        "messages_per_second",
        "limit",
        "calls",
    )
    readonly_fields = ("has_secret", "limit", "calls")
    list_display = ("name", "provider", "has_secret", "is_active", "limit", "calls", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, "provider", "is_active")
    search_fields = ("name", "provider")
    search_help_text = "Name or provider."
    actions = ("try_again",)

    @admin.display(boolean=True, description="secret stored")
    def has_secret(self, account):
        return bool(account.secret)

    @admin.display(description="limit in force")
    def limit(self, account):
        if account.pk is None:
            return "-"
        per_second = accounts.messages_per_second(account)
        if per_second is None:
            return "none"
        by = "" if account.messages_per_second else " (the installation's settings)"
        return f"{per_second:g} per second{by}"

    @admin.display(ordering="open_until")
    def calls(self, account):
        return breaker.in_words(account, now=timezone.now()) if account.pk else "-"

    @admin.action(description="Try again now…", permissions=["change"])
    def try_again(self, request, queryset):
        return ask_then_act(self, request, queryset.select_related("shop"), _trying_again(self))


def _trying_again(model_admin) -> Step:
    return Step(
        action="try_again",
        question="Try these accounts again now?",
        label="Try again now",
        foresee=_foresee_trying_again,
        act=_try_again,
        done="is tried again with the next message",
        may=model_admin.has_change_permission,
        refusals=NotWaiting,
        once=False,
    )


def _foresee_trying_again(account) -> Consequence:
    now = timezone.now()
    state = breaker.in_words(account, now=now)
    if not account.is_active or account.open_until is None or account.open_until <= now:
        return Consequence(blocker=state)
    if account.failures >= breaker.LIMIT:
        return Consequence([(state, ""), ("one call", "is tried; if it fails, a minute begins")])
    return Consequence([(state, ""), ("all calls", "go out again, sooner than was asked for")])


def _try_again(account, by) -> None:
    now = timezone.now()
    with transaction.atomic():
        if not breaker.try_again(account.pk, now=now):
            raise NotWaiting(breaker.in_words(account, now=now))
        if account.shop is not None:  # the audit log is a shop's
            action = "provider_account.try_again"
            audit.record(shop=account.shop, action=action, by=by, target=account, now=now)


class SenderForm(OneShopForm):
    def clean(self):
        cleaned = super().clean()
        account, channel = cleaned.get("account"), cleaned.get("channel")
        if account and channel and account.provider != accounts.PROVIDER_OF[channel]:
            self.add_error("account", "This account does not send on that channel.")
        return cleaned


@admin.register(SenderIdentity)
class SenderIdentityAdmin(ShopAdmin):
    add_role = change_role = delete_role = Role.MANAGER
    form = SenderForm
    list_display = (
        "address",
        "channel",
        "account",
        "messages_per_second",
        "is_default",
        "verified_at",
        "shop",
    )
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
