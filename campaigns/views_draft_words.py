"""Changing the words of a draft. One form with several buttons, so that nothing needs a script:
those of the blocks give the page back with what was typed, "check" judges and measures it, "save"
saves it and goes on to the preview.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from barbershop.api.permissions import WRITE
from barbershop.pages import frame, shop_page
from barbershop.templatetags.ui import moment_text
from campaigns import content, draft_words, planning
from campaigns.draft_words import Words
from campaigns.forms_draft_words import DraftWordsForm, form_of_gone
from campaigns.forms_templates import NOTHING_SAID
from campaigns.forms_wording import editor_of
from campaigns.models import AutomationStep, CampaignDefinition
from campaigns.refusals import Refused
from campaigns.views import definition_of, get_or_post
from campaigns.views_template_editor import unjudged
from communications import merge_fields
from customers import criteria

Status = CampaignDefinition.Status
Type = CampaignDefinition.Type
NOW_BY = {
    Type.EMAIL: "It goes by email alone now.",
    Type.SMS: "It goes by text message alone now.",
    Type.MULTI: "It goes by email and by text message now.",
}
COPY = "Duplicate it: the copy is a draft, and its words can be changed."
WHY_NOT = {
    Status.ACTIVE: f"It has been started, and what was sent stays as it was. {COPY}",
    Status.ARCHIVED: f"It is archived. {COPY}",
}
SAVE, SAVE_WITHOUT = "save", "save-without"
GONE = "These words were renamed or taken out: copy yours to another tab."
YOURS_STAYS = (
    "Yours stand below and are not saved; what is saved now stands at the end. Save again to write "
    "yours over it."
)


@shop_page(needs=WRITE)
@get_or_post
def edit(request, pk):
    definition = definition_of(request, pk)
    places = {each.key: each for each in draft_words.everything(definition)}
    words = places.get(request.GET.get("arm", next(iter(places))))
    if words is None and request.method == "POST":
        return _gone(request, definition, places)
    if words is None:
        messages.info(request, "Those words were renamed or taken out: these are the first.")
        return redirect("campaign-words", pk=pk)
    if request.method != "POST":
        if definition.status != Status.DRAFT:
            return _closed(request, definition)
        form, editor = DraftWordsForm(words=words), editor_of(words.channels)
        return _page(request, definition, words, places, form, editor, seen=words.mark)
    return _pressed(request, words, places)


@shop_page(needs=WRITE)
@require_POST
def take_back(request, pk):
    """Off the schedule, so that the words can be changed."""
    definition = definition_of(request, pk)
    fields = {"status": Status.DRAFT, "scheduled_for": None}
    try:
        if definition.status == Status.SCHEDULED:
            planning.edit(definition, fields=fields, by=request.user)
            messages.success(
                request, f"Off the schedule: “{definition.name}” is a draft and waits for you."
            )
    except Refused:
        pass  # it has begun in this very moment, which the page says with what can be done
    return redirect("campaign-words", pk=pk)


def _pressed(request, words: Words, places: dict):
    data, shown, status = request.POST, {}, 200
    form, editor = DraftWordsForm(data, words=words), editor_of({}, data)
    shown["seen"] = data.get("seen", "")
    if editor.press(data.get("do", "check"), data):
        form = unjudged(form, DraftWordsForm(words=words))
        return _page(request, words.definition, words, places, form, editor, **shown)
    try:
        judged = _judged(form, editor)
        if judged and data.get("do") in (SAVE, SAVE_WITHOUT):
            _save(request, form, editor, before=words.definition.campaign_type)
            return redirect(_preview_of(words, places))
        shown["wording"] = judged and _wording("As somebody would get it", words, judged)
        shown["loss"] = judged and judged.loss
        status = 200 if judged else 400
    except content.ContentError as error:
        form.take_all(error.fields, editor=editor)
        status = 400
    except draft_words.WouldLose as refused:
        status, shown["lost"] = 409, refused.mark
        form.add_error(None, refused.message)
    except Refused as refused:
        status = 409
        if refused.code == draft_words.CHANGED:
            form.add_error(None, f"{refused.message} {YOURS_STAYS}")
            shown |= {"seen": words.mark, "wording": _saved(words)}
        else:
            form.add_error(None, _why_not(definition_of(request, words.definition.pk)))
    return _page(request, words.definition, words, places, form, editor, status=status, **shown)


def _gone(request, definition: CampaignDefinition, places: dict):
    """What was typed for words that are there no more; there is nothing to save it to."""
    form, editor = form_of_gone(request.POST), editor_of({}, request.POST)
    if not editor.press(request.POST.get("do", ""), request.POST):
        editor.forget_errors()
    form.add_error(None, GONE)
    return _page(request, definition, None, places, form, editor, status=409, is_gone=True)


def _judged(form: DraftWordsForm, editor) -> draft_words.Judged | None:
    """What was typed, parsed; None when nothing was, which the form says.

    Raises:
        campaigns.content.ContentError: naming every wrong place.
    """
    channels = form.channels(editor.blocks)
    if not channels:
        form.add_error(None, NOTHING_SAID)
        return None
    return form.words.judged(channels)


def _save(request, form: DraftWordsForm, editor, *, before: str) -> None:
    saved = draft_words.save(
        form.words,
        channels=form.channels(editor.blocks),
        seen=request.POST.get("seen", ""),
        lost=request.POST.get("lost", "") if request.POST["do"] == SAVE_WITHOUT else "",
        by=request.user,
    )
    said = [f"The words of “{form.words.definition.name}” are saved."]
    said += [NOW_BY[saved.campaign_type]] if saved.campaign_type != before else []
    said += [f"Other words lost theirs with it: {saved.lost_names}."] if saved.lost else []
    messages.success(request, " ".join(said))


def _preview_of(words: Words, places: dict) -> str:
    query = f"?{urlencode({'arm': words.key})}" if len(places) > 1 else ""
    return f"{reverse('campaign-preview', args=[words.definition.pk])}{query}"


def _wording(title: str, words: Words, judged: draft_words.Judged) -> dict:
    shown = draft_words.as_read(words, judged, now=timezone.now())
    return {"title": title, "shown": shown}


def _saved(words: Words) -> dict | None:
    """What somebody else has saved; None where that cannot be sent as it is."""
    try:
        return _wording("What is saved now", words, words.judged(words.channels))
    except content.ContentError:
        return None


def _why_not(definition: CampaignDefinition) -> str:
    """Why its words cannot be changed, and what to do instead."""
    if definition.status == Status.SCHEDULED:
        when = moment_text(definition.scheduled_for.astimezone(definition.shop.zone))
        return (
            f"It starts by itself {when}. Take it off the schedule first: then it goes out only "
            "when somebody sends it or schedules it again. Or duplicate it."
        )
    if AutomationStep.objects.filter(definition=definition).exists():
        return f"An automation runs it. {COPY}"
    return WHY_NOT.get(definition.status, "Somebody has taken it back: save again.")


def _closed(request, definition: CampaignDefinition):
    title = f"The words of “{definition.name}” cannot be changed now"
    context = {
        "definition": definition,
        "why": _why_not(definition),
        "is_scheduled": definition.status == Status.SCHEDULED,
    }
    context |= frame(title=title, section="campaigns")
    return render(request, "campaigns/draft_words_closed.html", context)


def _page(request, definition, words, places: dict, form, editor, *, status=200, **shown):
    """Show the form; ``words`` is None where they are there no more."""
    context = shown | {
        "definition": definition,
        "form": form,
        "editor": editor,
        "problems": editor.problems,
        "who": words and _who(words),
        "tabs": [_tab(each, current=each is words) for each in places.values()],
        "merge_fields": merge_fields.public().values(),
        "cancel_url": reverse("campaign", args=[definition.pk]),
    }
    context |= frame(title=f"Words of “{definition.name}”", section="campaigns")
    return render(request, "campaigns/draft_words.html", context, status=status)


def _who(words: Words) -> str:
    """Who gets these words instead of the campaign's own; empty for everybody."""
    if not words.name:
        return ""
    try:
        return criteria.parse(words.criteria).sentence(criteria.Names(words.definition.shop))
    except criteria.CriteriaError as error:
        return f"The criteria cannot be read: {error}"


def _tab(words: Words, *, current: bool) -> dict:
    label = f"Variant {words.arm.label}" if not words.is_only_arm else "For everybody"
    if words.name:
        label = words.name if words.is_only_arm else f"{label}, {words.name}"
    return {"label": label, "href": f"?{urlencode({'arm': words.key})}", "current": current}
