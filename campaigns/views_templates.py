"""Templates: the shelf, one ready template, one own template, and the emails in their frames."""

import datetime as dt

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from barbershop.api.permissions import WRITE
from barbershop.pages import choice, frame, page_of, shop_page
from campaigns import shelf, template_shows, template_versions
from campaigns.email_frame import email_page
from campaigns.library import BLUEPRINTS, Blueprint
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said
from customers import criteria
from customers.channels import Channel

SECTION = "templates"
SOURCES = {"": "All", shelf.LIBRARY: "Ready ones", shelf.SHOP: "Your own"}
CHANNELS = {"": "any", "email": "email", "sms": "text message"}
CATEGORIES = {"": "Any", **dict(CampaignDefinition.Category.choices)}
PER_PAGE = 10


@shop_page
@require_safe
def listing(request):
    """Everything one may start from; the shop's own come first."""
    chosen = {
        "source": choice(request, "source", SOURCES),
        "channel": choice(request, "channel", CHANNELS),
        "category": choice(request, "category", CATEGORIES),
    }
    now = timezone.now()
    points = sorted(shelf.everything(request.shop), key=lambda each: each.source == shelf.LIBRARY)
    context = {
        "points": [(p, _card(p, request.shop, now)) for p in points if _fits(p, chosen)],
        "chosen": chosen,
        "filters": [
            ("source", "Whose", SOURCES.items()),
            ("channel", "Channel", CHANNELS.items()),
            ("category", "Category", CATEGORIES.items()),
        ],
        "archived": shelf.own(request.shop).exclude(archived_at=None),
        "may_write": WRITE in request.rights,
    }
    context |= frame(title="Templates", section=SECTION, now=now)
    return render(request, "campaigns/templates.html", context)


@shop_page
@require_safe
def ready(request, key):
    """A ready template: every message as somebody would get it."""
    blueprint, now = blueprint_of(key), timezone.now()
    steps = []
    for index, step in enumerate(blueprint.steps):
        said = template_versions.of_blueprint(blueprint, step=index)
        steps.append((step, template_shows.wordings(said, shop=request.shop, now=now)))
    context = {
        "blueprint": blueprint,
        "steps": steps,
        "who": criteria.parse(blueprint.criteria).sentence(),
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
    points = shelf.points_of([template])
    context = {
        "template": template,
        "category": CATEGORIES.get(template.category, "") if template.category else "",
        "page_obj": page,
        "versions": _with_differences(template, list(page.object_list)),
        "may_write": WRITE in request.rights,
    }
    if points:
        said = template_versions.of_version(template.current)
        context |= {
            "said": said,
            "wordings": template_shows.wordings(said, shop=request.shop, now=now),
            "who": criteria.parse(said.target_criteria).sentence(),
            "missing": shelf.missing(points[0].needs, shop=request.shop),
        }
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


def _fits(point: shelf.StartingPoint, chosen: dict[str, str]) -> bool:
    return (
        chosen["source"] in ("", point.source)
        and (not chosen["channel"] or chosen["channel"] in point.channels)
        and chosen["category"] in ("", point.blueprint.category)
    )


def _card(point: shelf.StartingPoint, shop, now: dt.datetime) -> dict:
    said = template_versions.of_blueprint(point.blueprint)
    subject, words = template_shows.first_words(said, shop=shop, now=now)
    return {
        "subject": subject,
        "words": words,
        "channels": [label for name, label in CHANNELS.items() if name in point.channels],
        "missing": shelf.missing(point.needs, shop=shop),
    }


def _email(request, said: Said, wording: int):
    """The email of one wording, as its reader sees it."""
    now: dt.datetime = timezone.now()
    found = template_shows.wordings(said, shop=request.shop, now=now)
    for shown in found[wording].shown if wording < len(found) else ():
        if shown.channel == Channel.EMAIL:
            return email_page(shown.html)
    raise Http404


def _with_differences(template, versions: list) -> list[tuple]:
    """(version, what changed since the one before); None for the first one."""
    numbers = [version.number - 1 for version in versions[-1:]]
    before = {version.number: version for version in versions}
    before |= {version.number: version for version in template.versions.filter(number__in=numbers)}
    found = []
    for version in versions:
        old = before.get(version.number - 1)
        changes = old and template_shows.differences(
            template_versions.of_version(old), template_versions.of_version(version)
        )
        found.append((version, changes))
    return found
