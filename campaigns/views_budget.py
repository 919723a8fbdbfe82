"""The page of the month's budget, and that of one campaign's own."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from barbershop.api.permissions import SEND
from barbershop.pages import REFUSALS, frame, shop_page
from barbershop.templatetags.ui import counted
from campaigns.models import CampaignExecution
from campaigns.views import get_or_post
from communications import budgets
from communications.budgets.forms import AmountField
from communications.models import Budget, Dispatch

MONTHS_SHOWN = 12


class LimitForm(forms.Form):
    limit = AmountField()

    def __init__(self, *args, budget: Budget | None, label: str, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["limit"]
        field.label = f"{label}, in {currency}"
        if budget is not None:
            field.initial = budgets.written(budget.limit_micros, currency)
        if budget is not None and budget.lowest_micros:
            lowest = budgets.exactly(budget.lowest_micros, currency)
            field.help_text = f"At least {lowest}: so much is used or on the wire."


@shop_page
@get_or_post
def month(request):
    """This month's limit, what is gone of it, and what waits for more."""
    now = timezone.now()
    budget = budgets.month_of(request.shop, now)
    form = _form(request, budget, label="Limit for a month")
    paused = _runs(request.shop).filter(
        dispatch__state=Dispatch.State.PAUSED, dispatch__pause_cause=Dispatch.PauseCause.BUDGET
    )
    if said := _set(request, form, lambda **how: budgets.set_month(request.shop, **how)):
        messages.success(request, said)
        return redirect("budget")
    earlier = Budget.objects.for_shop(request.shop).filter(month__isnull=False)
    if budget is not None:
        earlier = earlier.exclude(pk=budget.pk)
    own = _runs(request.shop).exclude(dispatch__budget=None)
    return _page(
        request,
        budget,
        form,
        title="Budget",
        paused=paused,
        own=[
            (run, _figures(run.dispatch.budget, request.shop.currency))
            for run in own.filter(~Q(dispatch__state__in=Dispatch.OVER))
        ],
        earlier=[
            (each.month, _figures(each, request.shop.currency))
            for each in earlier.order_by("-month")[:MONTHS_SHOWN]
        ],
    )


@shop_page
@get_or_post
def campaign(request, pk):
    """The budget of one campaign that has been executed."""
    run = get_object_or_404(_runs(request.shop).exclude(dispatch__budget=None), definition_id=pk)
    budget = run.dispatch.budget
    form = _form(request, budget, label="Limit for this campaign")
    if said := _set(request, form, lambda **how: budgets.set_limit(budget, **how)):
        messages.success(request, said)
        return redirect("campaign-budget", pk=pk)
    is_paused = run.dispatch.pause_cause == Dispatch.PauseCause.BUDGET
    return _page(
        request,
        budget,
        form,
        title=f"Budget of “{run.definition.name}”",
        paused=[run] if is_paused else [],
        run=run,
    )


def _runs(shop):
    runs = CampaignExecution.objects.for_shop(shop).order_by("-pk")
    return runs.select_related("definition", "dispatch__budget")


def _form(request, budget, *, label: str) -> LimitForm | None:
    """The form for whoever may let messages leave; others only look."""
    if SEND not in request.rights:
        if request.method == "POST":
            raise PermissionDenied(REFUSALS[SEND])
        return None
    given = request.POST if request.method == "POST" else None
    return LimitForm(given, budget=budget, label=label, currency=request.shop.currency)


def _set(request, form, verb) -> str:
    """Set the limit when one was sent: the sentence for the person, empty when nothing was set."""
    if request.method != "POST" or not form.is_valid():
        return ""
    micros = form.cleaned_data["limit"]
    try:
        resumed = verb(limit_micros=micros, by=request.user, request=request)
    except budgets.LimitTooLow as refused:
        form.add_error("limit", str(refused))
        return ""
    said = f"The limit is {budgets.in_words(micros, request.shop.currency)}."
    if not resumed:
        return said
    return f"{said} {counted(resumed)} paused {'send goes' if resumed == 1 else 'sends go'} on."


def _figures(budget: Budget, currency: str) -> dict[str, str]:
    """Amounts of one budget in words."""
    amounts = {
        "limit": budget.limit_micros,
        "used": budget.used_micros,
        "reserved": budget.reserved_micros,
        "left": budget.left_micros,
        "late": budget.late_micros,
    }
    return {name: budgets.in_words(micros, currency) for name, micros in amounts.items()}


def _page(request, budget, form, *, title, paused, **context):
    paused = list(paused)
    return render(
        request,
        "campaigns/budget.html",
        frame(title=title, section="budget")
        | {
            "budget": budget,
            "figures": budget and _figures(budget, request.shop.currency),
            "gone": budget and budget.used_micros + budget.reserved_micros,
            "form": form,
            "paused": paused,
            "waiting": _waiting(len(paused)),
        }
        | context,
        status=400 if form and form.errors else 200,
    )


def _waiting(number: int) -> str:
    """What raising does, in one sentence."""
    if not number:
        return "Nothing is paused for money."
    them = "1 campaign is" if number == 1 else f"{counted(number)} campaigns are"
    it = "it goes" if number == 1 else "they go"
    return f"{them} paused for money: {it} on as soon as the next message can be paid."
