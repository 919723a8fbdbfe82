"""API tokens: made here, shown once, taken back here."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone

from barbershop import audit
from barbershop.api.permissions import SCOPES
from barbershop.models import ApiToken, Membership
from barbershop.shop_admin import MomentFilter, OneShopForm, ShopAdmin, ShopFilter
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act

Role = Membership.Role


class TokenForm(OneShopForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        initial=["read", "write"],
        widget=forms.CheckboxSelectMultiple,
        help_text="read: look. write: change. send: start messages.",
    )

    def clean_expires_at(self):
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("This moment has passed: the token would never work.")
        return expires_at

    def clean_scopes(self):
        return " ".join(sorted(self.cleaned_data["scopes"]))


class AlreadyRevoked(Exception):
    """A token that has been taken back cannot be taken back again."""


@admin.register(ApiToken)
class ApiTokenAdmin(ShopAdmin):
    """Neither the token nor its digest is ever shown again."""

    view_role = add_role = change_role = Role.MANAGER
    verbs = frozenset({"add", "change"})
    form = TokenForm
    secret_fields = ("digest",)
    set_once = ("scopes", "expires_at")
    fields = ("name", "shop", "scopes", "expires_at")
    list_display = ("name", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter, MomentFilter.of("revoked_at", "revoked"))
    search_fields = ("name", "=prefix")
    search_help_text = "Name, or the exact first characters of the token."
    actions = ("revoke",)

    def get_fields(self, request, obj=None):
        past = ("prefix", "created_by", "created_at", "last_used_at", "revoked_at")
        return [*self.fields, *(past if obj else ())]

    def get_readonly_fields(self, request, obj=None):
        past = ("prefix", "created_by", "created_at", "last_used_at", "revoked_at")
        return [*super().get_readonly_fields(request, obj), *(past if obj else ())]

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        issued, plain = ApiToken.issue(
            shop=obj.shop,
            name=obj.name,
            scopes=obj.scopes.split(),
            by=request.user,
            expires_at=obj.expires_at,
        )
        obj.pk = issued.pk
        obj.refresh_from_db()
        say = f"Copy this token now, it is not shown again: {plain}"
        self.message_user(request, say, messages.WARNING)

    @admin.action(description="Revoke…", permissions=["change"])
    def revoke(self, request, queryset):
        return ask_then_act(self, request, queryset.select_related("shop"), _revoking(self))


def _revoking(model_admin) -> Step:
    return Step(
        action="revoke",
        question="Revoke these tokens?",
        label="Revoke",
        danger=True,
        foresee=_foresee_revoking,
        act=_revoke,
        done="is revoked",
        may=model_admin.has_change_permission,
        refusals=AlreadyRevoked,
    )


def _foresee_revoking(token) -> Consequence:
    if token.revoked_at:
        return Consequence(blocker="It is revoked already.")
    used = f"{token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "never"
    return Consequence([(used, "last used"), ("at once", "whoever uses it is refused")])


def _revoke(token, by) -> None:
    with transaction.atomic():
        usable = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
        if not usable.update(revoked_at=timezone.now()):
            raise AlreadyRevoked("It is revoked already.")
        audit.record(shop=token.shop, action="token.revoke", by=by, target=token)
