"""All starting points of a shop: the ready ones of the library, and its own."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from barbershop.models import Barbershop
from campaigns import content, template_versions
from campaigns.library import BLUEPRINTS, Blueprint, Step
from campaigns.models import CampaignTemplate, CampaignTemplateVersion
from communications.merge_fields import MERGE_FIELDS
from customers import criteria
from customers.criteria import CriteriaError

LIBRARY, SHOP = "library", "shop"
# Of one that was stored under other rules than today's.
UNREADABLE = (
    "It cannot be read as it is stored: {what}. Edit it and save it anew, or restore an earlier "
    "version."
)
# What the words of a template ask of the shop, said to people.
_ENTER = {
    "booking_url": "Enter your booking link first: its button leads nowhere yet.",
    "review_url": "Enter your review link first: its button leads nowhere yet.",
    "website_url": "Enter your website first: it is linked to.",
}


@dataclass(frozen=True)
class StartingPoint:
    """A ready campaign or an own one, in one shape.

    Attributes:
        template: the row of an own one, with ``current``; None for a ready one.
        needs: attributes of ``Barbershop`` that its links lead to.
    """

    source: str
    blueprint: Blueprint
    template: CampaignTemplate | None = None

    @cached_property
    def unreadable(self) -> str:
        """Why it cannot be read, and what to do; empty where it can."""
        return unreadable(self.blueprint)

    @cached_property
    def needs(self) -> list[str]:
        return [] if self.unreadable else needs(self.blueprint)

    @property
    def channels(self) -> set[str]:
        return {channel for step in self.blueprint.steps for channel in step.channels}


def own(shop: Barbershop) -> QuerySet[CampaignTemplate]:
    """The shop's templates with ``current_id``, their newest version; see ``with_current``."""
    newest = CampaignTemplateVersion.objects.filter(template=OuterRef("pk"))
    newest = newest.order_by("-number").values("pk")[:1]
    rows = CampaignTemplate.objects.for_shop(shop).select_related("shop")
    return rows.annotate(current_id=Subquery(newest)).order_by("name", "pk")


def with_current(templates: list[CampaignTemplate]) -> list[CampaignTemplate]:
    """Attach ``current``, the newest version, to each by one query."""
    versions = CampaignTemplateVersion.objects.in_bulk(
        [one.current_id for one in templates if one.current_id]
    )
    for one in templates:
        one.current = versions.get(one.current_id)
    return templates


def ready() -> list[StartingPoint]:
    return [StartingPoint(LIBRARY, blueprint) for blueprint in BLUEPRINTS.values()]


def speaking(shop: Barbershop) -> QuerySet[CampaignTemplate]:
    """Those of ``own`` that say something, as the others are no starting points."""
    return own(shop).filter(current_id__isnull=False)


def on_channel(rows: QuerySet[CampaignTemplate], channel: str) -> QuerySet[CampaignTemplate]:
    """Those of ``speaking`` whose newest version says something on a channel."""
    newest = CampaignTemplateVersion.objects.filter(pk=OuterRef("current_id"))
    return rows.filter(Exists(newest.filter(channels__has_key=channel)))


def points_of(templates: list[CampaignTemplate]) -> list[StartingPoint]:
    """Own templates with ``current`` attached; one that says nothing yet is no starting point."""
    return [
        StartingPoint(SHOP, _as_blueprint(one, template_versions.of_version(one.current)), one)
        for one in templates
        if one.current
    ]


def everything(shop: Barbershop) -> list[StartingPoint]:
    """The ready ones, then the shop's own that are not put away. Two queries."""
    return [*ready(), *points_of(with_current(list(own(shop).filter(archived_at=None))))]


def find(key: str, *, shop: Barbershop) -> Blueprint | None:
    """By the key that ``campaigns/create`` takes."""
    if key in BLUEPRINTS:
        return BLUEPRINTS[key]
    found = points_of(with_current(list(own(shop).filter(archived_at=None, key=key))))
    return found[0].blueprint if found else None


def unreadable(blueprint: Blueprint) -> str:
    """Why what was stored of it cannot be read, and what to do; empty where it can."""
    try:
        _parts(blueprint)
        criteria.parse(blueprint.criteria)
    except (content.ContentError, CriteriaError) as error:
        return UNREADABLE.format(what=str(error).rstrip("."))
    return ""


def needs(blueprint: Blueprint) -> list[str]:
    """Attributes of ``Barbershop`` to which its links lead, such as ``review_url``.

    Raises:
        campaigns.content.ContentError: when it is ``unreadable``.
    """
    said = frozenset().union(*(part.needed_fields for part in _parts(blueprint)))
    fields = [MERGE_FIELDS[name] for name in sorted(said)]
    return [each.shop_attribute for each in fields if each.is_link and each.shop_attribute]


def missing(wanted: list[str], *, shop: Barbershop) -> list[str]:
    """What the shop has to enter before this can be sent well, one sentence each."""
    return [_ENTER[attribute] for attribute in wanted if not getattr(shop, attribute)]


def _parts(blueprint: Blueprint) -> list[content.ChannelContent]:
    """Everything that it says, to whomever."""
    parts = []
    for step in blueprint.steps:
        kind = step.campaign_type
        parts += content.parse(step.channels, campaign_type=kind).values()
        for each in content.parse_variations(list(step.variations), campaign_type=kind):
            parts += each.channels.values()
    return parts


def _as_blueprint(template: CampaignTemplate, said: template_versions.Said) -> Blueprint:
    return Blueprint(
        key=template.key,
        name=template.name,
        category=template.category,
        description=template.description,
        primary_goal=said.primary_goal,
        steps=(Step(template.name, 0, said.channels, tuple(said.variations)),),
        criteria=said.target_criteria,
        discount_percent=said.discount_percent,
        valid_days=said.valid_days,
    )
