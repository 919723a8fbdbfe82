from collections import defaultdict

from django import forms
from django.contrib import admin
from django.utils import timezone

from barbershop.shop_admin import MomentFilter, OneShopForm, ShopAdmin, ShopFilter, ViewOnlyAdmin
from barbershop.shop_admin.confirm import Consequence, Step, ask_then_act
from barbershop.templatetags.ui import money
from campaigns import codes, redeeming
from campaigns.models import Offer, OfferCode, Referral
from campaigns.refusals import Refused

CODE_RELATIONS = ("offer__service", "customer", "shop")


class OfferForm(OneShopForm):
    def clean(self):
        cleaned = super().clean()
        kind, value = cleaned.get("kind") or self.instance.kind, cleaned.get("value")
        if kind == Offer.Kind.PERCENT and value is not None and not 1 <= value <= 100:
            self.add_error("value", forms.ValidationError("A percentage is from 1 to 100."))
        if kind == Offer.Kind.SERVICE and "service" in self.fields:
            self._check_service(cleaned.get("service"))
        return cleaned

    def _check_service(self, service):
        if not service:
            self.add_error("service", forms.ValidationError("Say which service is free."))
            return
        try:
            redeeming.service_price(service)
        except Refused as refused:
            self.add_error("service", forms.ValidationError(refused.message))

    def clean_code_prefix(self):
        return codes.prefix_of(self.cleaned_data["code_prefix"])


@admin.register(Offer)
class OfferAdmin(ShopAdmin):
    form = OfferForm
    list_display = ("name", "kind", "value", "service", "valid_days", "code_prefix", "shop")
    list_select_related = ("service", "shop")
    list_filter = (ShopFilter, "kind")
    search_fields = ("name", "code_prefix")
    search_help_text = "Name or code prefix."
    readonly_fields = ("created_at", "updated_at")

    def get_readonly_fields(self, request, obj=None):
        """What people were promised by their codes stays as it is: make another offer.

        Where the service is gone, another one may be named: else no such code could be redeemed.
        """
        names = super().get_readonly_fields(request, obj)
        if obj is None or not obj.codes.exists():
            return names
        is_lost = obj.kind == Offer.Kind.SERVICE and obj.service is None
        return [*names, "kind", "value", *(() if is_lost else ("service",))]


@admin.register(OfferCode)
class OfferCodeAdmin(ViewOnlyAdmin):
    actions = ("redeem", "take_back")
    list_display = (
        "code",
        "offer",
        "customer",
        "expires_at",
        "redeemed_at",
        "discount_shown",
        "shop",
    )
    list_select_related = CODE_RELATIONS
    list_filter = (ShopFilter, MomentFilter.of("redeemed_at", "redeemed"))
    date_hierarchy = "issued_at"
    search_fields = ("code", "customer__first_name", "customer__last_name", "customer__email")
    search_help_text = "Code, or the customer's name or email."
    show_full_result_count = False

    @admin.display(description="given", ordering="discount")
    def discount_shown(self, code):
        return money(code.discount if code.redeemed_at else None, code.shop.currency)

    @admin.action(description="Redeem…", permissions=["edit"])
    def redeem(self, request, queryset):
        step = Step(
            action="redeem",
            question="Redeem these codes?",
            label="Redeem",
            foresee=_Foresight(),
            act=lambda code, by: _redeem(code, by=by, request=request),
            done="is redeemed",
            may=self.has_edit_permission,
            refusals=Refused,
        )
        return ask_then_act(self, request, queryset.select_related(*CODE_RELATIONS), step)

    @admin.action(description="Undo the redemption…", permissions=["send"])
    def take_back(self, request, queryset):
        step = Step(
            action="take_back",
            question="Undo these redemptions?",
            label="Undo",
            foresee=_foresee_undoing,
            act=lambda code, by, reason: redeeming.take_back(
                code, reason=reason, by=by, request=request
            ),
            done="is not redeemed any more",
            may=self.has_send_permission,
            refusals=Refused,
            danger=True,
            asks_reason=True,
        )
        return ask_then_act(self, request, queryset.select_related(*CODE_RELATIONS), step)


def _redeem(code: OfferCode, *, by, request) -> OfferCode:
    now = timezone.now()
    visit = redeeming.visit_near(code, now=now)
    return redeeming.redeem(
        code.code, shop=code.shop, appointment=visit, by=by, request=request, now=now
    )


class _Foresight:
    """What redeeming the chosen codes one after the other takes off."""

    def __init__(self):
        self.given = defaultdict(int)  # minor units by visit, of the codes before

    def __call__(self, code: OfferCode) -> Consequence:
        now = timezone.now()
        state = redeeming.state_of(code, now=now)
        if state != "valid":
            return Consequence(blocker=f"It is {state}.")
        visit = redeeming.visit_near(code, now=now)
        before = self.given[visit.pk] if visit else 0
        try:
            taken = redeeming.foresee(code, appointment=visit, given=before, now=now)
        except Refused as refused:
            if refused.code != "amount_needed":
                return Consequence(blocker=refused.message)
            return Consequence(
                blocker="It takes off a percentage, and there is no visit with a price today: "
                "redeem it on the page Offers, where the amount can be typed."
            )
        if visit:
            self.given[visit.pk] += taken
        return Consequence([(money(taken, code.shop.currency), f"off for {code.customer}")])


def _foresee_undoing(code: OfferCode) -> Consequence:
    if code.redeemed_at is None:
        return Consequence(blocker="It is not redeemed.")
    return Consequence([(money(code.discount, code.shop.currency), "were taken off")])


@admin.register(Referral)
class ReferralAdmin(ViewOnlyAdmin):
    list_display = ("referrer", "friend", "created_at", "first_visit_at", "rewarded_at", "shop")
    list_select_related = ("referrer", "friend", "shop")
    list_filter = (ShopFilter, MomentFilter.of("rewarded_at", "rewarded"))
    date_hierarchy = "created_at"
    search_fields = (
        "referrer__first_name",
        "referrer__last_name",
        "friend__first_name",
        "friend__last_name",
    )
    search_help_text = "Name of either."
