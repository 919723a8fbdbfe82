"""The words of a draft: of one arm for everybody, or of one of its variations for some.

They are judged by the parser of contents and written by ``planning.edit``, like those that a
program sends to the API. Who saves says which words he began with: what somebody else has written
since is not lost without a word.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from django.db import transaction

from campaigns import content, planning, readiness
from campaigns.content import ChannelContent
from campaigns.models import CampaignDefinition, CampaignVariant
from campaigns.refusals import Conflict, deleted
from campaigns.template_shows import Shown, show_all
from campaigns.template_versions import TYPE_OF_CHANNELS

CHANGED, LOSES = "words_changed", "words_lost"


@dataclass(frozen=True)
class Words:
    """What a draft says in one place.

    Attributes:
        arm: not stored yet where the draft says nothing.
        variation: the place of one of its variations; None for the arm's own words.
        is_only_arm: then its words decide by which channels the campaign goes.
    """

    definition: CampaignDefinition
    arm: CampaignVariant
    variation: int | None
    is_only_arm: bool

    @property
    def key(self) -> str:
        """Of this place among those of the draft, as the preview names it."""
        return f"{self.arm.label}/{self.name}"

    @property
    def name(self) -> str:
        """Of the variation; empty for the arm's own words."""
        return "" if self.variation is None else self.arm.variations[self.variation]["name"]

    @property
    def criteria(self) -> dict:
        """Who gets these words; empty for everybody."""
        return {} if self.variation is None else self.arm.variations[self.variation]["criteria"]

    @property
    def channels(self) -> dict:
        """In their stored form."""
        if self.variation is None:
            return self.arm.channels
        return self.arm.variations[self.variation]["channels"]

    @property
    def writable(self) -> tuple[str, ...]:
        """The channels on which something can be said here."""
        if self.variation is None and self.is_only_arm:
            return content.CHANNELS_OF_TYPE["multi"]
        return content.CHANNELS_OF_TYPE[self.definition.campaign_type]

    @property
    def mark(self) -> str:
        """Another one as soon as anything changes that is written here."""
        said = [self.definition.campaign_type, self.criteria, self.channels]
        return _digest(said)

    def judged(self, channels: dict) -> "Judged":
        """What is typed, in the stored form, by the rules for every campaign.

        Raises:
            campaigns.content.ContentError: naming every wrong place.
        """
        kind = self.definition.campaign_type
        if self.variation is not None:
            said = [*self.arm.variations]
            said[self.variation] = said[self.variation] | {"channels": channels}
            return Judged(kind, None, self._variations(said, kind))
        if self.is_only_arm:
            kind = TYPE_OF_CHANNELS.get(frozenset(channels), kind)
        parts = content.parse(channels, campaign_type=kind)
        if kind == self.definition.campaign_type:
            return Judged(kind, parts, None)
        left = self._variations(content.narrowed(self.arm.variations, to=channels), kind)
        going = {
            each["name"]: {
                name: said for name, said in each["channels"].items() if name not in parts
            }
            for each in self.arm.variations
            if not each["channels"].keys() <= parts.keys()
        }
        return Judged(kind, parts, left, lost=tuple(going), lost_mark=_digest(going))

    def _variations(self, said: list, kind: str) -> tuple[content.Variation, ...]:
        found = content.parse_variations(said, campaign_type=kind)
        content.check_variations(found, shop=self.definition.shop)
        return found


@dataclass(frozen=True)
class Judged:
    """New words of a draft, parsed; None for what stays as it is.

    Attributes:
        lost: names of the variations that say something on a channel that is left out.
        lost_mark: another one as soon as something else would go with that channel.
    """

    campaign_type: str
    channels: dict[str, ChannelContent] | None
    variations: tuple[content.Variation, ...] | None
    lost: tuple[str, ...] = ()
    lost_mark: str = ""

    @property
    def loss(self) -> str:
        """What goes with the channel that is left out, for people; empty for nothing."""
        if not self.lost:
            return ""
        left = CampaignDefinition.Type.EMAIL
        by = "text message" if self.campaign_type == left else "email"
        return f"Other words say something by {by} that would go too: {self.lost_names}."

    @property
    def lost_names(self) -> str:
        return ", ".join(f"“{name}”" for name in self.lost)


class WouldLose(Conflict):
    """Variations would lose words, and the writer has not said that these may go.

    Attributes:
        mark: with which he says so.
    """

    def __init__(self, judged: Judged):
        super().__init__(LOSES, judged.loss)
        self.mark = judged.lost_mark


def everything(definition: CampaignDefinition) -> list[Words]:
    """Every place with words, the first arm's own words first."""
    arms = list(definition.variants.order_by("label")) or [planning.first_arm(definition)]
    return [
        Words(definition, arm, variation, is_only_arm=len(arms) == 1)
        for arm in arms
        for variation in (None, *range(len(arm.variations)))
    ]


def save(words: Words, *, channels: dict, seen: str, lost: str = "", by=None, now=None) -> Judged:
    """Write new words.

    Args:
        seen: the ``mark`` of the words with which the writer began.
        lost: the ``lost_mark`` of what he lets go.

    Raises:
        WouldLose: where something else goes than what he lets go.
        Conflict: ``words_changed``, ``not_editable`` or ``deleted``.
        campaigns.content.ContentError: as ``Words.judged``.
    """
    with transaction.atomic():
        # Held until it is written: of two who save at once, the second sees the first.
        held = CampaignDefinition.objects.select_for_update().filter(pk=words.definition.pk)
        held = held.select_related("shop").first()
        if held is None:
            raise deleted()
        found = {each.key: each for each in everything(held)}.get(words.key)
        is_draft = held.status == CampaignDefinition.Status.DRAFT
        if is_draft and (not found or found.mark != seen):
            raise Conflict(CHANGED, "Somebody has changed these words since you opened them.")
        judged = (found or words).judged(channels)
        if is_draft and judged.lost and judged.lost_mark != lost:
            raise WouldLose(judged)
        is_same_kind = judged.campaign_type == held.campaign_type
        fields = {} if is_same_kind else {"campaign_type": judged.campaign_type}
        said = {"channels": judged.channels, "variations": judged.variations}
        said = {name: value for name, value in said.items() if value is not None}
        is_first = words.arm.label == planning.first_arm(held).label
        planning.edit(held, fields=fields | said if is_first else fields, by=by, now=now)
        if not is_first:
            _write(held, words.arm.label, said)
    return judged


def as_read(words: Words, judged: Judged, *, now: dt.datetime) -> tuple[Shown, ...]:
    """These words as somebody would read them, by the renderer that sends."""
    parts = judged.channels
    if words.variation is not None:
        parts = judged.variations[words.variation].channels
    values = readiness.example_values(words.definition, now=now)
    language = content.language_of(words.criteria)
    return show_all(parts, values=values, shop=words.definition.shop, language=language)


def _digest(said) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _write(definition: CampaignDefinition, label: str, said: dict) -> None:
    """Into an arm that ``planning.edit`` does not know: it writes the first."""
    stored = {}
    if "channels" in said:
        stored["channels"] = content.as_json(said["channels"])
    if "variations" in said:
        stored["variations"] = content.variations_as_json(said["variations"])
    CampaignVariant.objects.filter(definition=definition, label=label).update(**stored)
