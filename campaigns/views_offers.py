"""Offers: what was given out and what came back, and the till that takes a code."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from barbershop.api.permissions import SEND, WRITE
from barbershop.pages import REFUSALS, frame, page_of, shop_page
from barbershop.templatetags.ui import short_money
from campaigns import guessing, offers, redeeming
from campaigns.forms_offers import CodeForm, ReasonForm, RedeemForm
from campaigns.models import Offer, OfferCode
from campaigns.refusals import Refused
from campaigns.views import get_or_post

SECTION = "offers"


@shop_page
@require_safe
def listing(request):
    """Every offer with its codes; the newest first."""
    rows = Offer.objects.for_shop(request.shop).select_related("service", "shop")
    page = page_of(request, offers.with_tallies(rows).order_by("-pk"))
    for offer in page:
        offer.worth = offers.worth(offer)
    context = {
        "page_obj": page,
        "form": CodeForm() if WRITE in request.rights else None,
        "add_url": reverse("admin:campaigns_offer_add") if request.user.is_staff else "",
    }
    context |= frame(title="Offers", section=SECTION)
    return render(request, "campaigns/offers.html", context)


@shop_page(needs=WRITE)
@get_or_post
def redeem(request):
    """GET looks a code up and changes nothing; POST takes it."""
    is_post = request.method == "POST"
    typed = CodeForm(request.POST if is_post else request.GET or None)
    found = _look_up(request, typed)
    form, status = None, 200
    if found is not None and redeeming.state_of(found, now=timezone.now()) == "valid":
        form = RedeemForm(request.POST if is_post else None, code=found, now=timezone.now())
    if is_post:
        status = 400
        if form is not None and form.is_valid() and _redeemed(request, found, form):
            return redirect(_address(found))
    context = {
        "typed": typed,
        "found": found,
        "form": form,
        "worth": found and offers.worth(found.offer),
        "state": found and redeeming.state_of(found, now=timezone.now()),
        "last_day": found and found.valid_until(now=timezone.now()),
        "taken": found and short_money(found.discount, request.shop.currency),
        "may_undo": SEND in request.rights,
    }
    context |= frame(title="Redeem a code", section=SECTION)
    return render(request, "campaigns/offers_redeem.html", context, status=status)


@shop_page(needs=WRITE)
@get_or_post
def take_back(request, pk):
    """A manager undoes a redemption that was a mistake, and says why."""
    if SEND not in request.rights:
        raise PermissionDenied(REFUSALS[SEND])
    codes = OfferCode.objects.for_shop(request.shop).select_related("offer", "customer", "shop")
    code = get_object_or_404(codes, pk=pk)
    form, status = ReasonForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                redeeming.take_back(code, reason=reason, by=request.user, request=request)
                messages.success(request, f"Undone: {code} is not redeemed any more.")
            except Refused as refused:
                messages.info(request, refused.message)
            return redirect(_address(code))
    context = {
        "question": f"Undo the redemption of {code}?",
        "text": f"{short_money(code.discount, request.shop.currency)} were taken off. "
        "The code can be used again, if it has not expired.",
        "form": form,
        "danger": True,
        "confirm_label": "Undo it",
        "cancel_url": _address(code),
    }
    context |= frame(title="Undo a redemption", section=SECTION)
    return render(request, "components/confirm.html", context, status=status)


def _address(code: OfferCode) -> str:
    return f"{reverse('offer-redeem')}?{urlencode({'code': code.code})}"


def _look_up(request, typed: CodeForm) -> OfferCode | None:
    """The code that was typed; else the form says why there is none."""
    if not typed.is_bound or not typed.is_valid():
        return None
    if guessing.is_guessing(shop=request.shop, who=request.user):
        typed.add_error("code", guessing.TOO_MANY)
        return None
    try:
        return redeeming.find(typed.cleaned_data["code"], shop=request.shop)
    except redeeming.Unknown as unknown:
        guessing.missed(shop=request.shop, who=request.user)
        typed.add_error("code", unknown.message)
        return None


def _redeemed(request, found: OfferCode, form: RedeemForm) -> bool:
    try:
        code = redeeming.redeem(
            found.code, shop=request.shop, by=request.user, request=request, **form.said
        )
    except Refused as refused:
        form.add_error("amount" if "amount" in refused.fields else None, refused.message)
        return False
    taken = short_money(code.discount, request.shop.currency)
    messages.success(request, f"Redeemed: take {taken} off.")
    return True
