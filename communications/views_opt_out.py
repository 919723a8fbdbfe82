"""Somebody told the shop, at the chair or on the phone, that he wants no more messages."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from barbershop.api.permissions import WRITE
from barbershop.deadlocks import retried
from barbershop.pages import frame, shop_page
from communications import unsubscribe
from communications.forms_opt_out import OptOutForm
from customers.models import Customer


@shop_page(needs=WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def opt_out(request, pk):
    customer = get_object_or_404(Customer.objects.for_shop(request.shop).present(), pk=pk)
    form = OptOutForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            is_news = retried(
                lambda: unsubscribe.by_staff(
                    customer, by=request.user, now=timezone.now(), request=request, **form.said
                )
            )
            done = "Opted out, from this moment on." if is_news else "That was so already."
            messages.success(request, done)
            return redirect("customer", pk=pk)
    context = {"form": form, "customer": customer}
    return render(
        request,
        "communications/opt_out.html",
        frame(title=f"Opt out: {customer}", section="customers") | context,
        status=status,
    )
