"""A template's other words for some people: written, put in order and taken out again.

Each is known by its name, which is its own among those of a version. Whatever is done here writes
a version of the template, so that it can be taken back like any other change.
"""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import template_shows, template_versions
from campaigns.content import MAX_VARIATIONS, ContentError
from campaigns.forms_templates import NOTHING_SAID, VariationForm
from campaigns.forms_wording import editor_of
from campaigns.template_versions import Said
from campaigns.views import get_or_post
from campaigns.views_template_editor import has_pressed, unjudged
from campaigns.views_templates import SECTION, template_of
from communications import merge_fields
from customers.criteria import CriteriaError
from customers.segments.rule_form import RulesEditor

MOVES = {"up": -1, "down": 1}


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
    place = _place(said, request.GET.get("name"))
    return _edit(request, template, said, said.variations[place])


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
        _write(request, template, replace(said, variations=left), note=note)
    except (ContentError, CriteriaError) as error:
        messages.error(request, f"Something else in this template has to be mended first: {error}")
    return redirect("template", pk=pk)


def _edit(request, template, said: Said, variation: dict | None):
    data = request.POST if request.method == "POST" else None
    form = VariationForm(data, said=said, variation=variation)
    editor = editor_of(form.channels_before, data)
    raw = variation["criteria"] if variation else {}
    rules = RulesEditor(shop=request.shop, raw=raw, data=data)
    pressed = (data or {}).get("do", "" if data is None else "check")
    context, status = {}, 200
    if data is not None and has_pressed(pressed, data, editor=editor, rules=rules):
        form = unjudged(form, VariationForm(said=said, variation=variation))
    elif data is not None:
        checked = _checked(request, form, editor, rules, said)
        if checked and pressed == "save":
            name = checked.variations[form.place]["name"]
            _write(request, template, checked, note=f"Other words: “{name}”")
            return redirect("template", pk=template.pk)
        if checked:
            found = template_shows.wordings(checked, shop=request.shop, now=timezone.now())
            context["wording"] = found[1 + form.place]
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


def _write(request, template, said: Said, *, note: str) -> None:
    before = template.current.number
    version = template_versions.write(template, said=said, note=note, by=request.user)
    what = f"is saved as version {version.number}" if version.number > before else "is saved"
    messages.success(request, f"“{template.name}” {what}.")


def _said(request, pk: int):
    """The template and what it says now; one that says nothing yet has nothing to vary."""
    template = template_of(request, pk)
    if template.current is None:
        raise Http404
    return template, template_versions.of_version(template.current)


def _place(said: Said, name: str | None) -> int:
    for place, each in enumerate(said.variations):
        if each["name"] == name:
            return place
    raise Http404("Somebody has renamed it or taken it out.")


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
