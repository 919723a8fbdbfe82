"""Writing a segment: rows of rules, and who that is, before anything is saved.

One form with several buttons, so that nothing needs a script: "add" and "remove" give the page
back with what was typed, "show" says who is meant, "save" saves.
"""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from barbershop import edited
from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from campaigns import segment_panels
from campaigns.forms_segments import SegmentForm, press
from campaigns.views import get_or_post
from campaigns.views_segments import SECTION, segment_of
from customers import criteria
from customers.criteria import CriteriaError
from customers.segments import saving
from customers.segments.rule_form import RulesEditor

WORDS = {"name": "the name", "description": "what it is for", "criteria": "the rules"}


@shop_page(needs=WRITE)
@get_or_post
def new(request):
    return _edit(request, None)


@shop_page(needs=WRITE)
@get_or_post
def edit(request, pk):
    return _edit(request, segment_of(request, pk))


def _edit(request, segment):
    data = request.POST if request.method == "POST" else None
    form = SegmentForm(data, shop=request.shop, segment=segment)
    raw, pk = (segment.criteria, segment.pk) if segment else ({}, None)
    editor = RulesEditor(shop=request.shop, raw=raw, data=data, segment=pk)
    pressed = "" if data is None else edited.pressed(data)
    seen = _seen(segment) if data is None else edited.seen(data)
    more, status = {"seen": seen}, 200
    if pressed in (edited.SAVE, "show"):
        valid = editor.is_valid()
        if pressed == edited.SAVE and form.is_valid() and valid:
            try:
                saved = _save(request, segment, form, editor, seen=seen)
            except edited.EditedMeanwhile:
                more |= _meanwhile(segment, seen)
                return _page(request, segment, form, editor, pressed=pressed, more=more, status=409)
            if saved is not None:
                return redirect("segment", pk=saved.pk)
            valid = False
        if valid and pressed == "show":
            more |= segment_panels.who(editor.rule, shop=request.shop, now=timezone.now())
        status = 200 if valid and pressed == "show" else 400
    elif data is not None and not press(editor, pressed, data):
        editor.forget_errors()
    return _page(request, segment, form, editor, pressed=pressed, more=more, status=status)


def _seen(segment) -> str:
    return edited.token(saving.content(segment), now=timezone.now()) if segment else ""


def _meanwhile(segment, seen: str) -> dict:
    """Who has changed it, and what it says now."""
    segment.refresh_from_db(fields=list(saving.content(segment)))
    now, content = timezone.now(), saving.content(segment)
    told = edited.told(segment, seen, content, words=WORDS, now=now)
    sentence = segment_panels.sentence_of(segment.criteria, criteria.Names(segment.shop))
    return told | {"says_now": sentence, "name_now": segment.name}


def _save(request, segment, form, editor, *, seen: str):
    fields = form.cleaned_data
    try:
        with transaction.atomic():
            if segment is None:
                saved = saving.create(
                    shop=request.shop,
                    name=fields["name"],
                    description=fields["description"],
                    rule=editor.rule,
                    by=request.user,
                )
            else:
                changed = fields | {"criteria": editor.rule}
                saved = saving.change(segment, fields=changed, seen=seen, by=request.user)
    except CriteriaError as error:
        editor.error = str(error)
        return None
    except IntegrityError:
        # Somebody took the name between the question and the writing.
        form.add_error("name", "There is a segment with this name already.")
        return None
    messages.success(request, f"“{saved.name}” is saved.")
    return saved


def _page(request, segment, form, editor, *, pressed, more, status):
    is_judged = pressed in (edited.SAVE, "show")
    context = {
        "form": form if pressed == edited.SAVE else _unjudged(form, request, segment),
        "editor": editor,
        "problems": editor.problems if is_judged else [],
        "segment": segment,
        "pressed": pressed,
        "cancel_url": reverse("segment", args=[segment.pk]) if segment else reverse("segments"),
    }
    title = f"Edit “{segment.name}”" if segment else "New segment"
    context |= more | frame(title=title, section=SECTION)
    return render(request, "campaigns/segment_edit.html", context, status=status)


def _unjudged(form, request, segment) -> SegmentForm:
    """The same fields with what was typed, without complaints about what is not there yet."""
    if not form.is_bound:
        return form
    shown = SegmentForm(shop=request.shop, segment=segment)
    shown.initial = {name: form[name].value() for name in form.fields}
    return shown
