"""Templates: what is done with one press of a button. Each can be undone."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import readiness, template_versions
from campaigns.content import ContentError
from campaigns.forms_templates import NameForm
from campaigns.models import CampaignDefinition, Offer
from campaigns.refusals import Refused
from campaigns.views import definition_of, get_or_post
from campaigns.views_templates import SECTION, blueprint_of, template_of
from customers.criteria import CriteriaError


@shop_page(needs=WRITE)
@require_POST
def take(request, key):
    """A copy of one message of a ready template becomes the shop's own."""
    blueprint, step = blueprint_of(key), _step(request, key)
    made = template_versions.create(
        shop=request.shop,
        name=_name_of(blueprint, step),
        said=template_versions.of_blueprint(blueprint, step=step),
        category=blueprint.category,
        description=blueprint.description[:300],
        by=request.user,
    )
    messages.success(request, f"“{made.name}” is yours now. Change it as you like.")
    return redirect("template", pk=made.pk)


@shop_page(needs=WRITE)
@require_POST
def start_ready(request, key):
    """A draft campaign from one message of a ready template."""
    blueprint, step = blueprint_of(key), _step(request, key)
    said = template_versions.of_blueprint(blueprint, step=step)
    return _started(request, said, name=_name_of(blueprint, step), category=blueprint.category)


@shop_page(needs=WRITE)
@require_POST
def start_own(request, pk):
    template = template_of(request, pk)
    if template.current is None:
        raise Http404
    said = template_versions.of_version(template.current)
    try:
        return _started(request, said, name=template.name, category=template.category)
    except (ContentError, CriteriaError):
        return redirect("template", pk=pk)  # which says what cannot be read, and what to do


@shop_page(needs=WRITE)
@require_POST
def restore(request, pk, number):
    """An old version becomes the newest one; the one before stays in the list."""
    template = template_of(request, pk)
    try:
        made = template_versions.restore(template, number=number, by=request.user)
        messages.success(request, f"Version {made.number} says again what version {number} said.")
    except Refused as refused:
        messages.info(request, refused.message)
    return redirect("template", pk=pk)


@shop_page(needs=WRITE)
@require_POST
def archive(request, pk):
    template = template_of(request, pk)
    template_versions.archive(template, by=request.user)
    messages.success(request, f"“{template.name}” is put away. Take it out again at any time.")
    return redirect("template", pk=pk)


@shop_page(needs=WRITE)
@require_POST
def unarchive(request, pk):
    template = template_of(request, pk)
    template_versions.unarchive(template, by=request.user)
    messages.success(request, f"“{template.name}” is among your templates again.")
    return redirect("template", pk=pk)


@shop_page(needs=WRITE)
@get_or_post
def of_campaign(request, pk):
    """The first arm of a campaign becomes a template."""
    definition = definition_of(request, pk)
    form = NameForm(request.POST or None, initial={"name": definition.name[:120]})
    blockers = _unreadable(definition)
    if request.method == "POST" and not blockers and form.is_valid():
        made = template_versions.create(
            shop=request.shop,
            name=form.cleaned_data["name"],
            said=template_versions.of_campaign(definition),
            category=definition.category,
            by=request.user,
        )
        messages.success(request, f"“{made.name}” is a template now.")
        return redirect("template", pk=made.pk)
    question = f"Save “{definition.name}” as a template?"
    text = "Its words, its audience and its discount are kept as a starting point for others."
    if definition.offer and definition.offer.kind != Offer.Kind.PERCENT:
        text += " Only a discount in per cent is kept; this offer is another one, and is left out."
    context = {
        "question": question,
        "text": text,
        "form": form,
        "blockers": blockers,
        "confirm_label": "Save the template",
        "cancel_url": reverse("campaign", args=[pk]),
    }
    context |= frame(title=question, section=SECTION)
    status = 400 if request.method == "POST" else 200
    return render(request, "components/confirm.html", context, status=status)


def _step(request, key: str) -> int:
    raw = request.POST.get("step", "0")
    places = [str(index) for index in range(len(blueprint_of(key).steps))]
    if raw not in places:
        raise Http404
    return int(raw)


def _name_of(blueprint, step: int) -> str:
    if len(blueprint.steps) == 1:
        return blueprint.name
    return f"{blueprint.name}: {blueprint.steps[step].name}"


def _started(request, said, *, name: str, category: str):
    made = template_versions.start_from(
        said, shop=request.shop, name=name, category=category, by=request.user
    )
    messages.success(request, f"“{made.name}” is a draft. Nothing has been sent.")
    return redirect("campaign", pk=made.pk)


def _unreadable(definition: CampaignDefinition) -> list[str]:
    """Why it cannot become one: it says nothing, or names a barber who is no more."""
    try:
        readiness.parts(definition)
        template_versions.of_campaign(definition).checked(shop=definition.shop)
    except Refused as refused:
        return [refused.message]
    except (ContentError, CriteriaError) as error:
        return [str(error)]
    return []
