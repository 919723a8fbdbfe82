"""A shop's own templates: written, changed, brought back, put away, and made into campaigns.

A version is never changed. Restoring an old one writes a new one that says the same, so that
nothing is lost by it either. Who writes may say which version he began with: then what somebody
else has written since is not put aside without a word.
"""

import datetime as dt
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from barbershop import audit
from barbershop.models import Barbershop
from campaigns import content, planning
from campaigns.library import BLUEPRINTS, Blueprint
from campaigns.models import (
    CampaignDefinition,
    CampaignTemplate,
    CampaignTemplateVersion,
    Offer,
)
from campaigns.refusals import Conflict
from customers import criteria

MAX_KEY = CampaignTemplate._meta.get_field("key").max_length
CHANGED = "version_changed"
TYPE_OF_CHANNELS = {frozenset(names): kind for kind, names in content.CHANNELS_OF_TYPE.items()}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Everything that a template fixes; the fields are those of ``CampaignTemplateVersion``."""

    channels: dict
    variations: list = field(default_factory=list)
    target_criteria: dict = field(default_factory=dict)
    primary_goal: str = ""
    discount_percent: int | None = None
    valid_days: int | None = None

    @property
    def campaign_type(self) -> str:
        return TYPE_OF_CHANNELS[frozenset(self.channels)]

    def checked(self, *, shop: Barbershop) -> "Said":
        """The same in its stored form.

        Raises:
            campaigns.content.ContentError: naming every wrong place.
            customers.criteria.CriteriaError: when the criteria cannot be used in this shop.
        """
        kind = TYPE_OF_CHANNELS.get(frozenset(self.channels), "multi")
        parts = content.parse(self.channels, campaign_type=kind)
        others = content.parse_variations(self.variations, campaign_type=kind)
        content.check_variations(others, shop=shop)
        criteria.check(criteria.parse(self.target_criteria), shop=shop)
        return Said(
            **{
                **asdict(self),
                "channels": content.as_json(parts),
                "variations": content.variations_as_json(others),
            }
        )


def of_version(version: CampaignTemplateVersion) -> Said:
    return Said(**{name: getattr(version, name) for name in Said.__dataclass_fields__})


def of_blueprint(blueprint: Blueprint, *, step: int = 0) -> Said:
    found = blueprint.steps[step]
    return Said(
        channels=found.channels,
        variations=list(found.variations),
        target_criteria=blueprint.criteria,
        primary_goal=blueprint.primary_goal,
        discount_percent=blueprint.discount_percent,
        valid_days=blueprint.valid_days,
    )


def of_campaign(definition: CampaignDefinition) -> Said:
    """What the first arm of a campaign says."""
    arm = planning.first_arm(definition)
    offer = definition.offer
    percent = offer.value if offer and offer.kind == Offer.Kind.PERCENT else None
    return Said(
        channels=arm.channels,
        variations=arm.variations,
        target_criteria=definition.target_criteria,
        primary_goal=definition.primary_goal,
        discount_percent=percent,
        valid_days=offer.valid_days if offer and percent else None,
    )


def create(
    *,
    shop: Barbershop,
    name: str,
    said: Said,
    key: str = "",
    category: str = "",
    description: str = "",
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> CampaignTemplate:
    """A new template with its first version.

    Raises:
        Conflict: ``key_taken``, by another template of the shop or by the library.
        ContentError, CriteriaError: as ``Said.checked``.
    """
    now = now or timezone.now()
    said = said.checked(shop=shop)
    with transaction.atomic():
        key = key or _free_key(shop, name)
        template, is_new = CampaignTemplate.objects.get_or_create(
            shop=shop,
            key=key,
            defaults={"name": name, "category": category, "description": description},
        )
        if not is_new or key in BLUEPRINTS:
            raise Conflict("key_taken", f'There is a template "{key}" already.')
        _add(template, said, number=1, by=by)
        _record("template.create", template, number=1, by=by, token=token, now=now)
    return template


def write(
    template, *, said: Said, note: str = "", base: int | None = None, by=None, token=None, now=None
) -> CampaignTemplateVersion:
    """One more version; the newest itself when nothing was changed.

    Args:
        base: number of the version that ``said`` was made from, 0 for none; None: never mind.

    Raises:
        Conflict: ``version_changed``, when another version is the newest and says something else.
        ContentError, CriteriaError: as ``Said.checked``.
    """
    said = said.checked(shop=template.shop)
    with transaction.atomic():
        newest = _newest_held(template)
        if newest and of_version(newest) == said:
            return newest
        before = newest.number if newest else 0
        if base not in (None, before):
            raise Conflict(CHANGED, f"Version {before} is the newest: read it before you write.")
        made = _add(template, said, number=before + 1, note=note, by=by)
        _record_version("template.write", template, made.number, by=by, token=token, now=now)
    return made


def restore(
    template: CampaignTemplate, *, number: int, by=None, token=None, now=None
) -> CampaignTemplateVersion:
    """What version ``number`` said becomes the newest version.

    Raises:
        Conflict: ``no_such_version``, or ``already_newest`` when the newest says the same.
    """
    with transaction.atomic():
        newest = _newest_held(template)
        old = template.versions.filter(number=number).first()
        if old is None:
            raise Conflict("no_such_version", f"There is no version {number} of this template.")
        if old.number == newest.number:
            raise Conflict("already_newest", f"Version {number} is the newest one already.")
        if of_version(old) == of_version(newest):
            raise Conflict(
                "already_newest",
                f"Version {newest.number}, the newest, says the same as version {number}: nothing "
                "was changed.",
            )
        made = _add(
            template, of_version(old), number=newest.number + 1, restored_from=number, by=by
        )
        _record_version("template.restore", template, made.number, by=by, token=token, now=now)
    return made


def describe(
    template: CampaignTemplate, *, name: str, category: str, description: str, by=None, now=None
) -> None:
    """What it is called and what it is for; its versions stay as they are, and so does its key.

    Raises:
        Conflict: ``version_changed``, when somebody has done so since ``template`` was read.
    """
    told = {"name": name, "category": category, "description": description}
    before = {column: getattr(template, column) for column in told}
    if before == told:
        return
    now = now or timezone.now()
    as_read = CampaignTemplate.objects.filter(pk=template.pk, **before)
    if not as_read.update(**told, updated_at=now):
        raise Conflict(CHANGED, "Somebody has renamed the template in the meantime.")
    for column, value in told.items():
        setattr(template, column, value)
    _record("template.describe", template, by=by, token=None, now=now, before=before, **told)


def archive(template: CampaignTemplate, *, by=None, token=None, now=None) -> None:
    """Put it away; it can be taken out again. Harmless to repeat."""
    _put(template, archived_at=now or timezone.now(), by=by, token=token, now=now)


def unarchive(template: CampaignTemplate, *, by=None, token=None, now=None) -> None:
    _put(template, archived_at=None, by=by, token=token, now=now)


def start_from(
    said: Said, *, shop: Barbershop, name: str, category: str, by=None, token=None, now=None
) -> CampaignDefinition:
    """A draft campaign with the words, audience and offer of a template."""
    kind = said.campaign_type
    offer = said.discount_percent and {
        "discount_percentage": said.discount_percent,
        "valid_days": said.valid_days,
    }
    known = CampaignDefinition.Category.values
    fields = {
        "name": name[:160],
        "campaign_type": kind,
        "category": category if category in known else CampaignDefinition.Category.OTHER,
        "channels": content.parse(said.channels, campaign_type=kind),
        "variations": content.parse_variations(said.variations, campaign_type=kind),
        "target_criteria": said.target_criteria,
        "primary_goal": said.primary_goal,
        "offer": offer or None,
    }
    return planning.create(shop=shop, fields=fields, by=by, token=token, now=now)


def _newest_held(template: CampaignTemplate) -> CampaignTemplateVersion | None:
    # The lock on the template: two people at once write versions 2 and 3, not 2 twice.
    CampaignTemplate.objects.select_for_update().get(pk=template.pk)
    return template.versions.order_by("-number").first()


def _add(template, said: Said, *, number: int, by, **about) -> CampaignTemplateVersion:
    return CampaignTemplateVersion.objects.create(
        shop_id=template.shop_id,
        template=template,
        number=number,
        created_by=by,
        **asdict(said),
        **about,
    )


def _free_key(shop: Barbershop, name: str) -> str:
    """A key made from the name, with a number where it is taken."""
    base = (slugify(name) or "template")[: MAX_KEY - 5]
    taken = set(
        CampaignTemplate.objects.for_shop(shop)
        .filter(key__startswith=base)
        .values_list("key", flat=True)
    ) | set(BLUEPRINTS)
    tries = (base if n == 1 else f"{base}-{n}" for n in range(1, 10_000))
    return next(key for key in tries if key not in taken)


def _put(template, *, archived_at, by, token, now) -> None:
    CampaignTemplate.objects.filter(pk=template.pk).update(archived_at=archived_at)
    template.archived_at = archived_at
    action = "template.archive" if archived_at else "template.unarchive"
    _record(action, template, by=by, token=token, now=now)


def _record_version(action, template, number: int, **about) -> None:
    before = {"name": template.name, "number": number - 1}
    _record(action, template, before=before, number=number, **about)


def _record(action, template: CampaignTemplate, *, by, token, now, before=None, **after) -> None:
    audit.record(
        shop=template.shop,
        action=action,
        by=by,
        token=token,
        target=template,
        before=before,
        after={"name": template.name, **after},
        now=now,
    )
