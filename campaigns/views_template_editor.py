"""Writing a template. One form with several buttons, so that nothing needs a script: those of the
blocks give the page back with what was typed, "check" judges and measures it, "save" saves.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import content, template_shows, template_versions
from campaigns.forms_templates import TemplateForm, editor_of
from campaigns.views import get_or_post
from campaigns.views_templates import SECTION, template_of
from communications import merge_fields
from customers.criteria import CriteriaError


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
    editor = editor_of(said, data)
    pressed = (data or {}).get("do", "" if data is None else "check")
    context, status = {}, 200
    if data is not None and editor.press(pressed, data):
        form = _unjudged(form, said, template)
    elif data is not None:
        checked = _checked(request, form, editor)
        if checked and pressed == "save":
            return redirect("template", pk=_save(request, template, form, checked).pk)
        if checked:
            now = timezone.now()
            context["wordings"] = template_shows.wordings(checked, shop=request.shop, now=now)
        status = 200 if checked else 400
    return _page(request, template, form, editor, context, status=status)


def _checked(request, form: TemplateForm, editor):
    """What was typed in its stored form; None when something is wrong, which form and rows say."""
    is_valid = form.is_valid()
    said = form.said(editor.blocks)
    if not said.channels:
        form.add_error(None, "Write an email, a text message or both.")
        return None
    try:
        checked = said.checked(shop=request.shop)
    except content.ContentError as error:
        form.take_errors(error.fields, editor=editor)
        return None
    except CriteriaError as error:
        form.add_error(None, str(error))
        return None
    return checked if is_valid else None


def _save(request, template, form: TemplateForm, said):
    if template is None:
        made = template_versions.create(shop=request.shop, said=said, by=request.user, **form.about)
        messages.success(request, f"“{made.name}” is saved.")
        return made
    template_versions.describe(template, by=request.user, **form.about)
    before = template.current.number if template.current else 0
    version = template_versions.write(
        template, said=said, note=form.cleaned_data["note"], by=request.user
    )
    what = f"is saved as version {version.number}" if version.number > before else "is saved"
    messages.success(request, f"“{template.name}” {what}.")
    return template


def _unjudged(form: TemplateForm, said, template) -> TemplateForm:
    """The same fields with what was typed, without complaints about what is not there yet."""
    shown = TemplateForm(said=said, template=template)
    shown.initial = {name: form[name].value() for name in form.fields}
    return shown


def _page(request, template, form, editor, context, *, status):
    title = f"Edit “{template.name}”" if template else "New template"
    context |= {
        "template": template,
        "form": form,
        "editor": editor,
        "problems": editor.problems,
        "about": [form[name] for name in form.ABOUT],
        "offer": [form[name] for name in form.OFFER],
        "head": [form[name] for name in ("subject", "preheader")],
        "body": [form[name] for name in ("html", "message") if name in form.fields],
        "merge_fields": merge_fields.public().values(),
        "cancel_url": reverse("template", args=[template.pk]) if template else reverse("templates"),
    }
    context |= frame(title=title, section=SECTION)
    return render(request, "campaigns/template_edit.html", context, status=status)
