"""Writing a template. One form with several buttons, so that nothing needs a script: those of the
blocks and of the rules give the page back with what was typed, "check" judges and measures it,
"save" saves.
"""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import content, template_shows, template_versions
from campaigns.forms_segments import press
from campaigns.forms_templates import NOTHING_SAID, TemplateForm
from campaigns.forms_wording import editor_of
from campaigns.views import get_or_post
from campaigns.views_templates import SECTION, template_of
from communications import merge_fields
from customers import criteria
from customers.criteria import CriteriaError
from customers.segments.rule_form import RulesEditor


@shop_page(needs=WRITE)
@get_or_post
def new(request):
    return _edit(request, None)


@shop_page(needs=WRITE)
@get_or_post
def edit(request, pk):
    return _edit(request, template_of(request, pk))


def _edit(request, template):
    data = request.POST if request.method == "POST" else None
    current = template.current if template else None
    said = current and template_versions.of_version(current)
    form = TemplateForm(data, said=said, template=template)
    editor = editor_of(form.channels_before, data)
    rules = RulesEditor(shop=request.shop, raw=form.current.target_criteria, data=data)
    pressed = (data or {}).get("do", "" if data is None else "check")
    context, status = {}, 200
    if data is not None and has_pressed(pressed, data, editor=editor, rules=rules):
        form = unjudged(form, TemplateForm(said=said, template=template))
    elif data is not None:
        checked = _checked(request, form, editor, rules)
        if checked and pressed == "save":
            try:
                return redirect("template", pk=_save(request, template, form, checked).pk)
            except content.ContentError as error:  # judged once more, as it would be stored
                form.take_errors(error.fields, editor=editor)
                checked = None
        if checked:
            names = criteria.Names(request.shop)
            shown = {"shop": request.shop, "now": timezone.now(), "names": names}
            context["wordings"] = template_shows.wordings(checked, **shown)
            context["who"] = criteria.parse(checked.target_criteria).sentence(names)
        status = 200 if checked else 400
    return _page(request, template, form, editor, rules, context, status=status)


def has_pressed(pressed: str, data, *, editor, rules) -> bool:
    """Do what a button of the blocks or of the rules says; False when it is none of theirs.

    What was typed stays as it is, without complaints about what is not there yet.
    """
    if press(rules, pressed, data):
        editor.forget_errors()
        return True
    if editor.press(pressed, data):
        rules.forget_errors()
        return True
    return False


def unjudged(form, shown):
    """The same fields with what was typed, without complaints about what is not there yet.

    Args:
        shown: the form as it would be without anything typed.
    """
    shown.initial = {name: form[name].value() for name in form.fields}
    return shown


def write(request, template, said, *, note: str) -> None:
    """Write a version, and tell its number; one that says nothing new is none."""
    before = template.current.number if template.current else 0
    version = template_versions.write(template, said=said, note=note, by=request.user)
    what = f"is saved as version {version.number}" if version.number > before else "is saved"
    messages.success(request, f"“{template.name}” {what}.")


def _checked(request, form: TemplateForm, editor, rules: RulesEditor):
    """What was typed in its stored form; None when something is wrong, which form and rows say."""
    is_valid, is_rule = form.is_valid(), rules.is_valid()
    said = form.said(editor.blocks, rule=rules.rule if is_rule else {})
    if not said.channels:
        form.add_error(None, NOTHING_SAID)
        return None
    try:
        checked = said.checked(shop=request.shop)
    except content.ContentError as error:
        form.take_errors(error.fields, editor=editor)
        return None
    except CriteriaError as error:
        rules.error = str(error)
        return None
    return checked if is_valid and is_rule else None


def _save(request, template, form: TemplateForm, said):
    if template is None:
        made = template_versions.create(shop=request.shop, said=said, by=request.user, **form.about)
        messages.success(request, f"“{made.name}” is saved.")
        return made
    with transaction.atomic():
        template_versions.describe(template, by=request.user, **form.about)
        write(request, template, said, note=form.cleaned_data["note"])
    return template


def _page(request, template, form, editor, rules, context, *, status):
    title = f"Edit “{template.name}”" if template else "New template"
    context |= {
        "template": template,
        "form": form,
        "editor": editor,
        "rules": rules,
        "problems": [*editor.problems, *rules.problems],
        "about": [form[name] for name in form.ABOUT],
        "offer": [form[name] for name in form.OFFER],
        "other_words": [each["name"] for each in form.current.variations],
        "merge_fields": merge_fields.public().values(),
        "cancel_url": reverse("template", args=[template.pk]) if template else reverse("templates"),
    }
    context |= frame(title=title, section=SECTION)
    return render(request, "campaigns/template_edit.html", context, status=status)
