"""For the people of the shop: where customers sign up, and an opt-in that somebody signed here."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from barbershop.api.permissions import WRITE
from barbershop.deadlocks import retried
from barbershop.pages import frame, shop_page
from communications import opting_in
from communications.forms import SignedOptInForm
from customers.channels import Channel
from customers.disclosures import shown, spoken
from customers.models import Customer


@shop_page
@require_safe
def sign_up_page(request):
    """The address of the public page, to print, to link to or to make a QR code of."""
    shop = request.shop
    asks = {Channel.SMS: shop.sms_double_opt_in, Channel.EMAIL: shop.email_double_opt_in}
    language = spoken(shop.language)
    channels = [
        (channel.label, shown(shop=shop, channel=channel, language=language), asks[channel])
        for channel in (Channel.SMS, Channel.EMAIL)
    ]
    context = {
        "url": f"{settings.PUBLIC_BASE_URL}{reverse('join', args=[shop.slug])}",
        "channels": channels,
        "missing_links": _missing_links(shop),
        "settings_url": reverse("admin:barbershop_barbershop_change", args=[shop.pk]),
    }
    return render(
        request,
        "communications/sign_up_page.html",
        frame(title="Sign-up page", section="customers") | context,
    )


def _missing_links(shop) -> str:
    """What the carriers look for and the shop has not given; "" when both are there."""
    links = {"terms": shop.terms_url, "privacy policy": shop.privacy_url}
    missing = [f"the shop's {name}" for name, address in links.items() if not address]
    if not missing:
        return ""
    return (
        f"Carriers look for a link to {' and '.join(missing)} beside these words before they let a "
        "number send. Enter it with the shop in admin, and it stands on the page."
    )


def _say(request, holds: list[str]) -> None:
    """A STOP of the minute in which he signed came after it, as far as anybody can know."""
    said = "Recorded, with the words that were signed."
    if not holds:
        messages.success(request, said)
        return
    why = "; ".join(holds)
    messages.warning(
        request,
        f"{said} Still no offer goes there: {why}. An opt-in ends only what he had stopped himself "
        "before it.",
    )


@shop_page(needs=WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def record_opt_in(request, pk):
    """Somebody signed on paper or at the till: kept with the words that he signed."""
    customer = get_object_or_404(Customer.objects.for_shop(request.shop).present(), pk=pk)
    now = timezone.now()
    form = SignedOptInForm(request.POST or None, customer=customer, now=now)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            entry = retried(
                lambda: opting_in.by_staff(
                    customer, by=request.user, now=now, request=request, **form.statement
                )
            )
            _say(request, opting_in.what_holds(entry))
            return redirect("customer", pk=pk)
    context = {"form": form, "customer": customer}
    title = f"Record an opt-in: {customer}"
    return render(
        request,
        "communications/record_opt_in.html",
        frame(title=title, section="customers") | context,
        status=status,
    )
