"""Doors to the verbs of a campaign: a page that says what will happen, and the button on it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from barbershop.api.permissions import SEND, WRITE
from barbershop.pages import frame, shop_page
from barbershop.templatetags.ui import counted, money
from campaigns import execution, live, planning, progress, readiness, waterfall
from campaigns.controls import CANCEL, CLONE, DELETE, EXECUTE, PAUSE, RESUME, controls
from campaigns.forms import TypedNumberForm
from campaigns.models import AutomationStep, CampaignDefinition
from campaigns.refusals import Refused
from communications.models import CustomerCommunication
from customers.channels import Channel

UNDO_SECONDS = 30
TYPED_ABOVE = 1_000  # messages
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
RECEIVE = {
    Channel.EMAIL: "will receive the email",
    Channel.SMS: "will receive the text",
}


def definition_of(request, pk: int) -> CampaignDefinition:
    """The campaign of this shop; another shop's does not exist."""
    campaigns = CampaignDefinition.objects.for_shop(request.shop)
    return get_object_or_404(
        campaigns.select_related("shop", "offer__service", "offer__shop", "created_by"), pk=pk
    )


@shop_page(needs=SEND)
@get_or_post
def execute(request, pk):
    """Send to everybody who matches, after the numbers have been read."""
    definition = definition_of(request, pk)
    now = timezone.now()
    forecast, refused = _forecast(definition, rights=request.rights, now=now)
    form = None
    if forecast and forecast.will_receive > TYPED_ABOVE:
        form = TypedNumberForm(request.POST or None, number=forecast.will_receive)
    if request.method == "POST" and forecast and not refused:
        if _is_stale(request, forecast):
            messages.warning(
                request, "The numbers have changed since you looked. Please look again."
            )
        elif form is None or form.is_valid():
            try:
                execution.start(definition, by=request.user, undo_seconds=UNDO_SECONDS)
                messages.success(request, f"Sending starts in {UNDO_SECONDS} seconds.")
                return redirect("campaign", pk=pk)
            except Refused as error:
                refused = error
    return confirm_page(
        request,
        definition,
        EXECUTE,
        question=f"Send “{definition.name}” now?",
        text=_promise(forecast),
        consequences=consequences_of(forecast),
        confirm_label=_send_label(forecast),
        form=form,
        token=forecast and str(forecast.will_receive),
        refused=refused,
    )


@shop_page(needs=WRITE)
@get_or_post
def pause(request, pk):
    return _act_on_run(
        request,
        pk,
        PAUSE,
        act=execution.pause,
        question="Pause “{}”?",
        consequences=lambda n: [
            (counted(n.pending), "messages wait until you resume"),
            (counted(n.sent), "have been sent already"),
        ],
        done=_paused,
    )


@shop_page(needs=SEND)
@get_or_post
def resume(request, pk):
    return _act_on_run(
        request,
        pk,
        RESUME,
        act=execution.resume,
        question="Go on with “{}”?",
        consequences=lambda n: [
            (counted(n.pending), "messages will be sent now"),
            (counted(n.sent), "have been sent already, nobody gets a second one"),
        ],
        done=lambda run: "Sending goes on.",
    )


@shop_page(needs=WRITE)
@get_or_post
def cancel(request, pk):
    return _act_on_run(
        request,
        pk,
        CANCEL,
        act=execution.cancel,
        question="Cancel “{}” for good?",
        consequences=lambda n: [
            (counted(n.pending), "messages will never be sent"),
            (counted(n.sent), "have been sent already and stay sent"),
        ],
        done=lambda run: "Cancelled. What had not begun will never be sent.",
    )


@shop_page(needs=WRITE)
@get_or_post
def clone(request, pk):
    definition = definition_of(request, pk)
    if request.method == "POST":
        copy = planning.clone(definition, by=request.user)
        messages.success(request, f"“{copy.name}” is a draft. Nothing has been sent.")
        return redirect("campaign", pk=copy.pk)
    return confirm_page(
        request,
        definition,
        CLONE,
        question=f"Duplicate “{definition.name}”?",
        text="You get a draft with the same content, audience and offer. Nothing is sent.",
        confirm_label="Make a copy",
    )


@shop_page(needs=WRITE)
@get_or_post
def delete(request, pk):
    definition = definition_of(request, pk)
    refused = None
    if request.method == "POST":
        try:
            planning.delete(definition, by=request.user)
            messages.success(request, f"“{definition.name}” has been deleted.")
            return redirect("campaigns")
        except Refused as error:
            refused = error
    elif DELETE not in _controls(definition, rights=request.rights):
        refused = Refused("already_executed", planning.KEPT, conflict=True)
    return confirm_page(
        request,
        definition,
        DELETE,
        question=f"Delete “{definition.name}”?",
        text="Nobody has received it. The draft is gone for good; this cannot be undone.",
        confirm_label="Delete the draft",
        refused=refused,
    )


def _paused(run) -> str:
    """What pausing came to: calls that had begun by then cannot be called back."""
    begun = live.begun(run.dispatch)
    if not begun.number:
        return "Paused. Nothing new is sent until you resume."
    return f"Paused. {begun} had already begun and will be answered."


def _act_on_run(request, pk, control, *, act, question, consequences, done):
    """One verb on the newest run: refused with its sentence when the state is in the way."""
    definition = definition_of(request, pk)
    run = progress.current_execution(definition)
    refused = None
    if run is None:
        refused = Refused("not_executed", "The campaign has not been executed yet.", conflict=True)
    elif request.method == "POST":
        try:
            messages.success(request, done(act(run, by=request.user)))
            return redirect("campaign", pk=pk)
        except Refused as error:
            refused = error
    elif control not in _controls(definition, rights=request.rights, run=run):
        refused = Refused("not_now", f"This campaign is {run.current_status}.", conflict=True)
    counts = progress.count([run])[run.pk] if run else None
    return confirm_page(
        request,
        definition,
        control,
        question=question.format(definition.name),
        text=run.dispatch.paused_reason if run else "",
        consequences=consequences(counts) if counts else [],
        refused=refused,
    )


def _controls(definition, *, rights, run=None):
    run = run or progress.current_execution(definition)
    return controls(
        definition.status,
        run and run.current_status,
        rights=rights,
        automated=AutomationStep.objects.filter(definition=definition).exists(),
    )


def confirm_page(request, definition, control, *, question, refused=None, back="campaign", **more):
    """The confirmation page; with a refusal it has no button and says why.

    Args:
        back: the page of the campaign that it was asked on.
        more: further words of ``components/confirm.html``, such as ``confirm_label``.
    """
    return render(
        request,
        "components/confirm.html",
        frame(title=question, section="campaigns")
        | {
            "question": question,
            "danger": control.is_danger,
            "confirm_label": control.label,
            "cancel_url": reverse(back, args=[definition.pk]),
            "blockers": refused.sentences if refused else [],
        }
        | more,
        status=_status(request, refused),
    )


def _status(request, refused) -> int:
    if refused is None or request.method != "POST":
        return 200
    return 409 if refused.conflict else 400


def _forecast(definition, *, rights, now):
    """What sending now would do, and why it is not possible (each or None)."""
    try:
        readiness.check(definition, now=now)
        forecast = waterfall.forecast(definition, now=now)
    except Refused as error:
        return None, error
    if EXECUTE not in _controls(definition, rights=rights):
        return forecast, Refused(
            "already_executed", "The campaign cannot be sent again: duplicate it.", conflict=True
        )
    if not forecast.will_receive:
        return forecast, Refused("nobody_left", "Nobody who matches may be written to.")
    return forecast, None


def _is_stale(request, forecast) -> bool:
    seen = request.POST.get("token")
    return seen is not None and seen != str(forecast.will_receive)


def consequences_of(forecast) -> list[tuple[str, str]]:
    if forecast is None:
        return []
    rows = [(counted(forecast.matched), "customers match")]
    if forecast.held_out:
        rows.append((counted(forecast.held_out), "of them are held out, to measure the effect"))
    rows += [(counted(each.will_receive), RECEIVE[each.channel]) for each in forecast.channels]
    if forecast.later:
        until = f"{forecast.next_at:%A %H:%M}"
        rows.append((counted(forecast.later), f"of them wait for their local hours, until {until}"))
    rows += [
        (counted(number), f"will not: {CustomerCommunication.Reason(reason).label.lower()}")
        for reason, number in forecast.blocked.items()
    ]
    return [*rows, (money(forecast.cost, forecast.currency), "cost")]


def _promise(forecast) -> str:
    if forecast is None:
        return ""
    return (
        f"Sending starts {UNDO_SECONDS} seconds after you confirm; until then you can still cancel "
        "and nobody has received anything. Texts are measured with example names: the cost is an "
        "estimate."
    )


def _send_label(forecast) -> str:
    if forecast is None:
        return "Send"
    cost = money(forecast.cost, forecast.currency)
    number = forecast.will_receive
    return f"Send {counted(number)} {'message' if number == 1 else 'messages'}, about {cost}"
