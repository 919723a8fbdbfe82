"""Doors to a second chance: freeing a call whose outcome is not known, trying failed ones again."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from barbershop.api.permissions import SEND
from barbershop.pages import shop_page
from barbershop.templatetags.ui import counted
from campaigns import execution, live, progress
from campaigns.controls import RELEASE, RETRY, second_chances
from campaigns.models import CampaignExecution
from campaigns.outcomes import reason_label
from campaigns.refusals import Conflict, Refused
from campaigns.views import confirm_page, definition_of, get_or_post
from communications.delivery import resolve, retry
from communications.models import DeliveryAttempt, Dispatch

BACK = "campaign-delivery"


@shop_page(needs=SEND)
@get_or_post
def release(request, pk, call):
    """Put the messages of one call back, though the provider may have had them."""
    definition = definition_of(request, pk)
    runs = CampaignExecution.objects.for_shop(request.shop).filter(definition=definition)
    calls = DeliveryAttempt.objects.for_shop(request.shop).select_related("dispatch", "account")
    attempt = get_object_or_404(calls, pk=call, dispatch__in=runs.order_by().values("dispatch"))
    run = get_object_or_404(runs.select_related("dispatch"), dispatch=attempt.dispatch_id)
    number = attempt.communications.count()
    refused = _not_unresolved(attempt, run)
    if request.method == "POST" and not refused:
        if freed := retry.free(attempt, by=request.user):
            messages.success(request, f"{_waiting(freed)} to be sent again.")
            return redirect(BACK, pk=pk)
        refused = Conflict("resolved", "Somebody or something was faster: it is resolved already.")
    return confirm_page(
        request,
        definition,
        RELEASE,
        question=f"Release this call of “{definition.name}”?",
        text="" if refused else _what_happens(attempt, run),
        consequences=[] if refused else [(counted(number), _risk(number))],
        confirm_label=f"Release {counted(number)} {'message' if number == 1 else 'messages'}",
        refused=refused,
        back=BACK,
    )


@shop_page(needs=SEND)
@get_or_post
def retry_failed(request, pk):
    """Try again what the provider refused and what could not be made."""
    definition = definition_of(request, pk)
    run = progress.current_execution(definition)
    reasons = live.failed(run.dispatch) if run else {}
    refused = _nothing_to_retry(run, reasons, rights=request.rights)
    if request.method == "POST" and not refused:
        try:
            execution.retry_failed(run, by=request.user)
            messages.success(request, "The failed messages wait to be sent again.")
            return redirect(BACK, pk=pk)
        except Refused as error:
            refused = error
    return confirm_page(
        request,
        definition,
        RETRY,
        question=f"Try the failed messages of “{definition.name}” again?",
        text="Each goes through every check again; who may not be written to any more is left out.",
        consequences=[(counted(n), failure_label(why)) for why, n in reasons.items()],
        refused=refused,
        back=BACK,
    )


def failure_label(why: str) -> str:
    """A reason of ``live.failed`` for people."""
    if why == live.NOT_SENT:
        return "No sign from the provider: whoever has it all the same gets it twice"
    known = reason_label(why)
    return f"Refused by the provider: {why}" if known == why else known


def _risk(number: int) -> str:
    return f"{'person' if number == 1 else 'people'} may get it twice, if the provider did take it"


def _what_happens(attempt: DeliveryAttempt, run: CampaignExecution) -> str:
    """With the button, and without it."""
    when = "when somebody resumes" if run.dispatch.state == Dispatch.State.PAUSED else "at once"
    return (
        "The provider has not said whether it took this call. If you release it, its messages are "
        f"sent again {when}. If you do nothing: {resolve.what_next(attempt, now=timezone.now())}"
    )


def _waiting(number: int) -> str:
    return "1 message waits" if number == 1 else f"{counted(number)} messages wait"


def _not_unresolved(attempt: DeliveryAttempt, run: CampaignExecution) -> Conflict | None:
    if attempt.state not in live.UNRESOLVED:
        return Conflict("resolved", f"This call is {attempt.get_state_display().lower()}.")
    if run.dispatch.state == Dispatch.State.CANCELLED:
        return Conflict("cancelled", "The campaign is cancelled: nothing of it is sent any more.")
    return None


def _nothing_to_retry(run, reasons: dict[str, int], *, rights) -> Conflict | None:
    if run is None:
        return Conflict("not_executed", "The campaign has not been executed yet.")
    if not reasons:
        return Conflict("nothing_failed", "No message of it has failed.")
    offered = second_chances(run.current_status, failed=1, unresolved=0, rights=rights)
    if RETRY not in offered:
        return Conflict("cancelled", f"This campaign is {run.current_status}: duplicate it.")
    return None
