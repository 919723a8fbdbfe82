"""Templates: the shelf, one ready template, one own template, and the emails in their frames."""

import datetime as dt
from collections.abc import Iterable

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from barbershop.api.permissions import WRITE
from barbershop.pages import choice, frame, page_of, shop_page
from campaigns import shelf, template_shows, template_versions
from campaigns.content import ContentError
from campaigns.email_frame import email_page
from campaigns.library import BLUEPRINTS, Blueprint
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said
from customers import criteria
from customers.channels import Channel
from customers.criteria import CriteriaError

SECTION = "templates"
AWAY = "away"
SOURCES = {"": "All", shelf.LIBRARY: "Ready ones", shelf.SHOP: "Your own", AWAY: "Put away"}
CHANNELS = {"": "any", "email": "email", "sms": "text message"}
CATEGORIES = {"": "Any", **dict(CampaignDefinition.Category.choices)}
PER_PAGE = 10


@shop_page
@require_safe
def listing(request):
    """Everything one may start from, or what was put away; the shop's own come first."""
    chosen = {
        "source": choice(request, "source", SOURCES),
        "channel": choice(request, "channel", CHANNELS),
        "category": choice(request, "category", CATEGORIES),
    }
    now = timezone.now()
    page = page_of(request, [*_own_ids(request.shop, chosen), *_ready_ones(chosen)])
    context = {
        "page_obj": page,
        "points": [(p, _card(p, request.shop, now)) for p in _points(request.shop, page)],
        "chosen": chosen,
        "filters": [
            ("source", "Whose", SOURCES.items()),
            ("channel", "Channel", CHANNELS.items()),
            ("category", "Category", CATEGORIES.items()),
        ],
        "archived": shelf.speaking(request.shop).exclude(archived_at=None).count(),
        "may_write": WRITE in request.rights,
    }
    context |= frame(title="Templates", section=SECTION, now=now)
    return render(request, "campaigns/templates.html", context)


@shop_page
@require_safe
def ready(request, key):
    """A ready template: every message as somebody would get it."""
    blueprint, now = blueprint_of(key), timezone.now()
    steps, names = [], criteria.Names(request.shop)
    for index, step in enumerate(blueprint.steps):
        said = template_versions.of_blueprint(blueprint, step=index)
        shown = template_shows.wordings(said, shop=request.shop, now=now, names=names)
        steps.append((step, shown))
    context = {
        "blueprint": blueprint,
        "steps": steps,
        "who": criteria.parse(blueprint.criteria).sentence(names),
        "missing": shelf.missing(shelf.needs(blueprint), shop=request.shop),
        "may_write": WRITE in request.rights,
    }
    context |= frame(title=blueprint.name, section=SECTION, now=now)
    return render(request, "campaigns/template_ready.html", context)


@shop_page
@require_safe
def ready_email(request, key, step, wording):
    blueprint = blueprint_of(key)
    if step >= len(blueprint.steps):
        raise Http404
    said = template_versions.of_blueprint(blueprint, step=step)
    return _email(request, said, wording)


@shop_page
@require_safe
def own(request, pk):
    """One of the shop's own: what it says, and everything that it ever said."""
    template, now = template_of(request, pk), timezone.now()
    page = page_of(request, template.versions.select_related("created_by"), per_page=PER_PAGE)
    points, names = shelf.points_of([template]), criteria.Names(request.shop)
    context = {
        "template": template,
        "category": CATEGORIES.get(template.category, "") if template.category else "",
        "page_obj": page,
        "versions": _with_differences(template, list(page.object_list), names),
        "may_write": WRITE in request.rights,
    }
    if points:
        context |= _says(points[0], request.shop, now, names)
    context |= frame(title=template.name, section=SECTION, now=now)
    return render(request, "campaigns/template.html", context)


@shop_page
@require_safe
def own_email(request, pk, number, wording):
    template = template_of(request, pk)
    version = get_object_or_404(template.versions, number=number)
    return _email(request, template_versions.of_version(version), wording)


def blueprint_of(key: str) -> Blueprint:
    if key not in BLUEPRINTS:
        raise Http404
    return BLUEPRINTS[key]


def template_of(request, pk: int) -> CampaignTemplate:
    """The template of this shop with ``current``; another shop's does not exist."""
    return shelf.with_current([get_object_or_404(shelf.own(request.shop), pk=pk)])[0]


def _own_ids(shop, chosen: dict[str, str]) -> Iterable[int]:
    """The ids of the shop's own templates that fit, in the order of the page."""
    if chosen["source"] == shelf.LIBRARY:
        return ()
    rows = shelf.speaking(shop).filter(archived_at__isnull=chosen["source"] != AWAY)
    if chosen["channel"]:
        rows = shelf.on_channel(rows, chosen["channel"])
    if chosen["category"]:
        rows = rows.filter(category=chosen["category"])
    return rows.values_list("pk", flat=True)


def _ready_ones(chosen: dict[str, str]) -> list[shelf.StartingPoint]:
    if chosen["source"] not in ("", shelf.LIBRARY):
        return []
    return [
        point
        for point in shelf.ready()
        if (not chosen["channel"] or chosen["channel"] in point.channels)
        and chosen["category"] in ("", point.blueprint.category)
    ]


def _points(shop, page) -> list[shelf.StartingPoint]:
    """What stands on a page: the ids of own templates read, two queries for all of them."""
    ids = [each for each in page if isinstance(each, int)]
    own = shelf.points_of(shelf.with_current(list(shelf.own(shop).filter(pk__in=ids))))
    return [*own, *(each for each in page if not isinstance(each, int))]


def _card(point: shelf.StartingPoint, shop, now: dt.datetime) -> dict:
    subject, words = "", point.unreadable
    if not point.unreadable:
        said = template_versions.of_blueprint(point.blueprint)
        subject, words = template_shows.first_words(said, shop=shop, now=now)
    return {
        "subject": subject,
        "words": words,
        "channels": [label for name, label in CHANNELS.items() if name in point.channels],
        "missing": shelf.missing(point.needs, shop=shop),
    }


def _says(point: shelf.StartingPoint, shop, now: dt.datetime, names: criteria.Names) -> dict:
    """What an own template says and for whom, or why that cannot be read."""
    if point.unreadable:
        return {"unreadable": point.unreadable}
    said = template_versions.of_version(point.template.current)
    return {
        "said": said,
        "wordings": template_shows.wordings(said, shop=shop, now=now, names=names),
        "who": criteria.parse(said.target_criteria).sentence(names),
        "missing": shelf.missing(point.needs, shop=shop),
    }


def _email(request, said: Said, wording: int):
    """The email of one wording, as its reader sees it."""
    now: dt.datetime = timezone.now()
    try:
        found = template_shows.wordings(said, shop=request.shop, now=now)
    except (ContentError, CriteriaError) as error:
        raise Http404 from error  # an old version, which nobody can read any more
    for shown in found[wording].shown if wording < len(found) else ():
        if shown.channel == Channel.EMAIL:
            return email_page(shown.html)
    raise Http404


def _with_differences(template, versions: list, names: criteria.Names) -> list[tuple]:
    """(version, what changed since the one before); None for the first one."""
    numbers = [version.number - 1 for version in versions[-1:]]
    before = {version.number: version for version in versions}
    before |= {version.number: version for version in template.versions.filter(number__in=numbers)}
    found = []
    for version in versions:
        old = before.get(version.number - 1)
        found.append((version, old and _changes(old, version, names)))
    return found


def _changes(old, new, names: criteria.Names) -> list[tuple[str, str]]:
    before, after = template_versions.of_version(old), template_versions.of_version(new)
    try:
        return template_shows.differences(before, after, names=names)
    except (ContentError, CriteriaError):
        return []  # one of them cannot be read any more: there is nothing to compare
