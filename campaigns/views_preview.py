"""A campaign as one customer would receive it, a check of all texts, and a test send."""

import re

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from barbershop import whole_numbers
from barbershop.api.permissions import SEND
from barbershop.currencies import minor_units
from barbershop.pages import choice, frame, shop_page, text
from campaigns import as_received, lint, text_costs, trial
from campaigns.email_frame import email_page
from campaigns.forms_preview import TrialForm
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from campaigns.views import definition_of, get_or_post
from communications.models import CustomerCommunication
from customers.channels import Channel
from customers.criteria import CriteriaError
from customers.models import Customer

SHOWN = 20  # people of a search
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
# Each way to look at an email, with what its frame is called.
VIEWS = {
    "desktop": "On a desk",
    "phone": "On a phone",
    "dark": "On a phone, dark",
    "text": "As plain text",
}
REASONS = {
    "not_matched": "the criteria do not mean him",
    "held_out": "he is held out, to measure the effect",
    "earlier_channel": "he gets it on an earlier channel",
}


@shop_page
@require_safe
def preview(request, pk):
    definition = definition_of(request, pk)
    now = timezone.now()
    query = text(request, "q")
    context = {
        "definition": definition,
        "query": query,
    }
    context |= _search(request, query)
    try:
        context |= _shown(request, definition, now=now)
        context |= _trial(request, context["found"], definition)
    except (Refused, CriteriaError) as error:
        context |= {"trouble": str(error)}
    context |= frame(title=f"Preview of {definition.name}", section="campaigns", now=now)
    return render(request, "campaigns/preview.html", context)


@shop_page
@require_safe
def email(request, pk):
    """The very HTML of the email, for the frame on the page.

    With a ``view`` it is as a mail program in the light or in the dark takes it: not every browser
    hands the colours of a frame on to what stands in it.
    """
    definition = definition_of(request, pk)
    try:
        found = _preview(request, definition, now=timezone.now())
    except (Refused, CriteriaError) as error:
        raise Http404(str(error)) from error
    for each in found.channels:
        if each.channel == Channel.EMAIL:
            return email_page(_in_scheme(each.html, choice(request, "view", VIEWS)))
    raise Http404("This campaign says nothing by email.")


@shop_page
@require_safe
def check(request, pk):
    """Every text as everybody would read it, looked at for what is wrong."""
    definition = definition_of(request, pk)
    now = timezone.now()
    context = {"definition": definition}
    try:
        report = lint.check(definition, now=now)
        texts = text_costs.shown(report.texts, currency=definition.shop.currency)
        # What characters cost is said below them, with examples.
        findings = [each for each in report.findings if each.code != lint.CHARACTERS_COST]
        context |= {"report": report, "findings": findings, "texts": texts}
    except (Refused, CriteriaError) as error:
        context["trouble"] = str(error)
    context["heading"] = "h3" if request.htmx else "h2"
    if request.htmx:
        return render(request, "campaigns/_lint.html", context)
    context |= frame(title=f"Check of {definition.name}", section="campaigns", now=now)
    return render(request, "campaigns/lint.html", context)


@shop_page(needs=SEND)
@get_or_post
def test(request, pk):
    """Send the campaign to a few addresses, with examples or as one customer would get it."""
    definition = definition_of(request, pk)
    customer = _person(request, request.POST.get("as_customer") or request.GET.get("customer"))
    initial = {"as_customer": str(customer.pk)} if customer else {}
    form = _form(request, request.POST or None, customer=customer, initial=initial)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid() and _sent(request, definition, form):
            return redirect(_shown_again(form, pk=pk))
    context = {
        "question": f"Send “{definition.name}” as a test?",
        "text": "Marked as a test, and counted nowhere.",
        "form": form,
        "confirm_label": "Send the test",
        "cancel_url": reverse("campaign-preview", args=[pk]),
    }
    context |= frame(title="Send a test", section="campaigns")
    return render(request, "components/confirm.html", context, status=status)


def _trial(request, found: as_received.Preview, definition) -> dict:
    """The form for a test of the words that are shown, as whoever was chosen."""
    if SEND not in request.rights:
        return {}
    initial = {"variant": found.variant, "variation": found.variation}
    if request.GET.get("customer"):
        initial["as_customer"] = str(found.customer_id)
    form = _form(request, initial=initial, customer=found.customer)
    return {"form": form, "test_arm": _arm_name((found.variant, found.variation))}


def _shown_again(form: TrialForm, *, pk: int) -> str:
    """The preview, of the same customer if the test was filled in as him."""
    chosen = form.addresses.get("customer")
    query = f"?{urlencode({'customer': chosen.pk})}" if chosen else ""
    return f"{reverse('campaign-preview', args=[pk])}{query}"


def _in_scheme(html: str, view: str) -> str:
    """What is meant for the dark holds always in the dark, and never in the light."""
    if not view:
        return html
    return _DARK.sub("(min-width: 0)" if view == "dark" else "(max-width: 0)", html)


def _form(request, data=None, **options) -> TrialForm:
    return TrialForm(data, user=request.user, shop=request.shop, **options)


def _sent(request, definition, form) -> bool:
    try:
        results = trial.send(definition, by=request.user, **form.addresses)
    except Refused as refused:
        form.add_error(None, refused.message)
        return False
    for result in results:
        if result.status == "queued":
            messages.success(request, f"A test is on its way to {result.address}.")
        else:
            why = result.reason.replace("_", " ")
            messages.warning(request, f"No test to {result.address}: {why}.")
    return True


def _search(request, query: str) -> dict:
    if not query:
        return {}
    found = Customer.objects.for_shop(request.shop).present().search(query)
    people = list(found.order_by("last_name", "first_name", "pk")[: SHOWN + 1])
    return {"people": people[:SHOWN], "more": len(people) > SHOWN}


def _preview(request, definition: CampaignDefinition, *, now) -> as_received.Preview:
    known = {"/".join(arm): arm for arm in as_received.arms_of(definition)}
    arm = known.get(choice(request, "arm", known))
    customer = _person(request, request.GET.get("customer"))
    return as_received.preview(definition, customer=customer, arm=arm, now=now)


def _person(request, value: str | None) -> Customer | None:
    """The customer with this id; another shop's does not exist."""
    if not value:
        return None
    customers = Customer.objects.for_shop(request.shop).present().select_related("shop")
    return get_object_or_404(customers, pk=whole_numbers.read(value) or 0)


def _shown(request, definition, *, now) -> dict:
    found = _preview(request, definition, now=now)
    channels = {each.channel: each for each in found.channels}
    channel = choice(request, "channel", channels, default=next(iter(channels)))
    view = choice(request, "view", VIEWS, default="phone")
    same = {"channel": channel, "view": view}
    if found.customer:
        same["customer"] = found.customer.pk
    if request.GET.get("arm"):
        same["arm"] = f"{found.variant}/{found.variation}"

    def link(**changes) -> str:
        return f"?{urlencode(same | changes)}"

    return {
        "found": found,
        "shown": channels[channel],
        "verdict": _verdict(found, channels[channel], zone=definition.shop.zone),
        "view": view,
        "frame_title": f"The email, {VIEWS[view].lower()}",
        "email_url": f"{reverse('campaign-preview-email', args=[definition.pk])}{link()}",
        "channel_tabs": [
            _tab(Channel(each).label, link(channel=each), each == channel) for each in channels
        ],
        "view_tabs": [_tab(label, link(view=each), each == view) for each, label in VIEWS.items()],
        "arm_tabs": [
            _tab(_arm_name(arm), link(arm="/".join(arm)), arm == (found.variant, found.variation))
            for arm in as_received.arms_of(definition)
        ],
        "cost": minor_units(channels[channel].cost_micros, definition.shop.currency),
    }


def _verdict(found: as_received.Preview, shown: as_received.Received, *, zone) -> str:
    """Whether he gets it, and whose words these are."""
    if found.customer is None:
        said = "The shop has no customers yet: fields show their examples."
    elif shown.will_receive and shown.not_before:
        said = f"Gets it {date_format(shown.not_before.astimezone(zone), 'D j M, H:i')}."
    elif shown.will_receive:
        said = "Gets it at once when it is sent now."
    else:
        said = f"Does not get it: {REASONS.get(shown.reason) or _reason(shown.reason)}."
    name = _arm_name((found.variant, found.variation))
    drawn = "drawn for him" if found.is_drawn else "chosen by you, not drawn for him"
    return f"{said} Words of variant {name}, {drawn}." if found.customer else said


def _reason(word: str) -> str:
    known = dict(CustomerCommunication.Reason.choices)
    return str(known.get(word, word.replace("_", " "))).lower()


def _tab(label: str, href: str, current: bool) -> dict:
    return {"label": label, "href": href, "current": current}


def _arm_name(arm: tuple[str, str]) -> str:
    label, variation = arm
    return f"{label}, {variation}" if variation else label
