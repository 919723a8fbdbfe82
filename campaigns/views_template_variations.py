"""A template's other words for some people: written, put in order and taken out again.

Each is known by its name, which is its own among those of a version. Whatever is done here writes
a version of the template, so that it can be taken back like any other change. Of two people who
write other words at once, nobody is in the other's way unless they are the same ones.
"""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from barbershop import edited
from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import template_shows, template_versions
from campaigns.content import MAX_VARIATIONS, ContentError
from campaigns.forms_templates import NOTHING_SAID, VariationForm
from campaigns.forms_wording import editor_of
from campaigns.refusals import Conflict
from campaigns.template_versions import Said
from campaigns.views import get_or_post
from campaigns.views_template_editor import (
    WORDS,
    has_pressed,
    pressed_of,
    saved_now,
    seen_of,
    unjudged,
    write,
)
from campaigns.views_templates import SECTION, template_of
from communications import merge_fields
from customers.criteria import CriteriaError
from customers.segments.rule_form import RulesEditor

MOVES = {"up": -1, "down": 1}
GONE = "Somebody has renamed these words or taken them out."


@shop_page(needs=WRITE)
@get_or_post
def new(request, pk):
    template, said = _said(request, pk)
    if len(said.variations) >= MAX_VARIATIONS:
        messages.info(request, f"A template says at most {MAX_VARIATIONS} things otherwise.")
        return redirect("template", pk=pk)
    return _edit(request, template, said, None)


@shop_page(needs=WRITE)
@get_or_post
def edit(request, pk):
    template, said = _said(request, pk)
    variation = _named(said, request.GET.get("name"))
    if variation is None and request.method != "POST":
        messages.info(request, GONE)
        return redirect("template", pk=pk)
    if variation is None and not edited.seen(request.POST):
        raise Http404(GONE)
    return _edit(request, template, said, variation)


@shop_page(needs=WRITE)
@require_POST
def change(request, pk):
    """Move one up or down, as the first that fits counts, or take it out."""
    template, said = _said(request, pk)
    place, verb = _place(said, request.POST.get("name")), request.POST.get("do")
    left = list(said.variations)
    name = left[place]["name"]
    moved = left.pop(place)
    if verb in MOVES:
        left.insert(max(0, place + MOVES[verb]), moved)
        note = f"“{name}” moved {verb}"
    elif verb == "remove":
        note = f"Without “{name}”"
    else:
        raise Http404
    try:
        write(request, template, replace(said, variations=left), note=note)
    except (ContentError, CriteriaError) as error:
        messages.error(request, f"Something else in this template has to be mended first: {error}")
    except Conflict:
        messages.info(request, "Somebody has just changed this template: look, and press again.")
    return redirect("template", pk=pk)


def _edit(request, template, said: Said, variation: dict | None):
    data = request.POST if request.method == "POST" else None
    form = VariationForm(data, said=said, variation=variation)
    editor = editor_of(form.channels_before, data)
    raw = variation["criteria"] if variation else {}
    rules = RulesEditor(shop=request.shop, raw=raw, data=data)
    pressed = pressed_of(data)
    context, status = {"seen": seen_of(form, data)}, 200
    if data is not None and has_pressed(pressed, data, editor=editor, rules=rules):
        form = unjudged(form, VariationForm(said=said, variation=variation))
    elif data is not None:
        checked = _checked(request, form, editor, rules, said)
        if checked and pressed == edited.SAVE:
            typed = checked.variations[form.place]
            try:
                # Compared with what was read; ``write`` asks whether that still holds.
                edited.check(context["seen"], form.content, wanted={"words": typed})
                write(request, template, checked, note=f"Other words: “{typed['name']}”")
                return redirect("template", pk=template.pk)
            except ContentError as error:  # judged once more, as it would be stored
                form.take_all(error.fields, editor=editor, rules=rules)
                checked = None
            except (edited.EditedMeanwhile, Conflict):
                context |= _meanwhile(request, template.pk, seen=context["seen"])
                return _page(request, template, form, editor, rules, context, status=409)
        if checked:
            context |= _shown(request, checked, form.place, title="As one of them would get it")
        status = 200 if checked else 400
    return _page(request, template, form, editor, rules, context, status=status)


def _checked(request, form: VariationForm, editor, rules: RulesEditor, said: Said) -> Said | None:
    """All that the template says, with what was typed; None when something is wrong."""
    is_valid, is_rule = form.is_valid(), rules.is_valid()
    typed = form.variation(editor.blocks, rule=rules.rule if is_rule else {})
    if not typed["channels"]:
        form.add_error(None, NOTHING_SAID)
        return None
    variations = [*said.variations]
    variations[form.place : form.place + 1] = [typed]
    try:
        checked = replace(said, variations=variations).checked(shop=request.shop)
    except ContentError as error:
        form.take_all(error.fields, editor=editor, rules=rules)
        return None
    except CriteriaError as error:
        form.add_error(None, f"Whom the template is for has to be mended first: {error}")
        return None
    return checked if is_valid and is_rule else None


def _said(request, pk: int):
    """The template and what it says now; one that says nothing yet has nothing to vary."""
    template = template_of(request, pk)
    if template.current is None:
        raise Http404
    return template, template_versions.of_version(template.current)


def _place(said: Said, name: str | None) -> int:
    if (found := _named(said, name)) is None:
        raise Http404(GONE)
    return said.variations.index(found)


def _named(said: Said, name: str | None) -> dict | None:
    return next((each for each in said.variations if each["name"] == name), None)


def _shown(request, said: Said, place: int, *, title: str) -> dict:
    found = template_shows.wordings(said, shop=request.shop, now=timezone.now())
    return {"shown_title": title, "wording": found[1 + place]}


def _meanwhile(request, pk: int, *, seen: str) -> dict:
    """Who has changed the template, and what these words are now; they may be gone."""
    template, said = _said(request, pk)
    stored = _named(said, request.GET.get("name"))
    content = VariationForm(said=said, variation=stored).content
    told = edited.told(template, seen, content, words=WORDS, now=timezone.now())
    told["is_gone"] = stored is None and "name" in request.GET
    if stored is None:
        return told
    try:
        place = said.variations.index(stored)
        return told | _shown(request, said, place, title=saved_now(template))
    except (ContentError, CriteriaError):
        return told  # what was stored under other rules cannot be shown


def _page(request, template, form, editor, rules, context, *, status):
    title = f"Other words of “{template.name}”"
    context |= {
        "template": template,
        "form": form,
        "editor": editor,
        "rules": rules,
        "problems": [*rules.problems, *editor.problems],
        "merge_fields": merge_fields.public().values(),
        "cancel_url": reverse("template", args=[template.pk]),
    }
    context |= frame(title=title, section=SECTION)
    return render(request, "campaigns/template_variation.html", context, status=status)
