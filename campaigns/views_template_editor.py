"""Writing a template. One form with several buttons, so that nothing needs a script: those of the
blocks and of the rules give the page back with what was typed, "check" judges and measures it,
"save" saves, unless somebody else has saved since the form was made.
"""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from barbershop import edited
from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import content, template_shows, template_versions
from campaigns.forms_segments import press
from campaigns.forms_templates import NOTHING_SAID, TemplateForm
from campaigns.forms_wording import editor_of
from campaigns.refusals import Conflict
from campaigns.views import get_or_post
from campaigns.views_templates import SECTION, template_of
from communications import merge_fields
from customers import criteria
from customers.criteria import CriteriaError
from customers.segments.rule_form import RulesEditor

TAKEN = "Somebody has made one of this name in this moment. Save once more to make another."
# What people call that of which the audit log keeps the change.
WORDS = {
    "name": "the name",
    "category": "the category",
    "description": "what it is for",
    "number": "what it says",
}


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
    pressed = pressed_of(data)
    context, status = {"seen": seen_of(form, data)}, 200
    if data is not None and has_pressed(pressed, data, editor=editor, rules=rules):
        form = unjudged(form, TemplateForm(said=said, template=template))
    elif data is not None:
        checked = _checked(request, form, editor, rules)
        if checked and pressed == edited.SAVE:
            try:
                saved = _save(request, template, form, checked, seen=context["seen"])
                return redirect("template", pk=saved.pk)
            except content.ContentError as error:  # judged once more, as it would be stored
                form.take_errors(error.fields, editor=editor)
                checked = None
            except (edited.EditedMeanwhile, Conflict):
                if template is None:
                    form.add_error("name", TAKEN)
                else:
                    template = template_of(request, template.pk)
                    context |= _meanwhile(request, template, seen=context["seen"])
                return _page(request, template, form, editor, rules, context, status=409)
        if checked:
            names = criteria.Names(request.shop)
            context |= _shown(checked, names, title="As somebody would get it")
        status = 200 if checked else 400
    return _page(request, template, form, editor, rules, context, status=status)


def pressed_of(data) -> str:
    """The button; the first of the page is "check"."""
    if data is None:
        return ""
    return edited.pressed(data) if "do" in data else "check"


def seen_of(form, data) -> str:
    """For the hidden field: what the form was made from, as ``form.content`` tells it."""
    if data is not None:
        return edited.seen(data)
    return edited.token(form.content, now=timezone.now())


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
    shown.fields = form.fields  # of what was changed meanwhile, others may have been made
    return shown


def write(request, template, said, *, note: str) -> None:
    """Write a version, and tell its number; one that says nothing new is none.

    Raises:
        Conflict: when another one was written after ``template`` was read.
    """
    before = template.current.number if template.current else 0
    version = template_versions.write(template, said=said, note=note, base=before, by=request.user)
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


def _save(request, template, form: TemplateForm, said, *, seen: str):
    if template is None:
        made = template_versions.create(shop=request.shop, said=said, by=request.user, **form.about)
        messages.success(request, f"“{made.name}” is saved.")
        return made
    # Compared with what was read; whether that still holds, both verbs ask where they write.
    edited.check(seen, form.content, wanted=form.about | form.written(said))
    with transaction.atomic():
        template_versions.describe(template, by=request.user, **form.about)
        write(request, template, said, note=form.cleaned_data["note"])
    return template


def _shown(said, names: criteria.Names, *, title: str) -> dict:
    now = timezone.now()
    return {
        "shown_title": title,
        "wordings": template_shows.wordings(said, shop=names.shop, now=now, names=names),
        "who": criteria.parse(said.target_criteria).sentence(names),
    }


def _meanwhile(request, template, *, seen: str) -> dict:
    """Who has changed it, and what it says now."""
    said = template.current and template_versions.of_version(template.current)
    stored = TemplateForm(said=said, template=template).content
    told = edited.told(template, seen, stored, words=WORDS, now=timezone.now())
    names = criteria.Names(request.shop)
    try:
        return told | (_shown(said, names, title=saved_now(template)) if said else {})
    except (content.ContentError, CriteriaError):
        return told  # what was stored under other rules cannot be shown


def saved_now(template) -> str:
    return f"What is saved now: version {template.current.number}"


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
