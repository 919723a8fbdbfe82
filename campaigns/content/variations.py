"""Other wordings of one arm: in another language, for one service, for one season."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from barbershop.nearest import did_you_mean
from campaigns.content.channels import CHANNELS_OF_TYPE, ChannelContent, as_json, parse_channels
from campaigns.content.rules import ContentError, add, shown, wrong_with
from customers import criteria
from customers.channels import Channel

MAX_VARIATIONS = 20
MAX_NAME = 40


@dataclass(frozen=True)
class Variation:
    """Other words for those whom the criteria choose; it may give only some of the channels."""

    name: str
    criteria: dict
    channels: dict[str, ChannelContent]


def parse_variations(raw, *, campaign_type: str) -> tuple[Variation, ...]:
    """Other wordings of one arm, in the order in which they are tried.

    What criteria need of the database (segments, barbers) is checked by ``criteria.check``.

    Raises:
        ContentError: naming every wrong place at once, as ``variations.0.channels.sms.message``.
    """
    if not isinstance(raw, list):
        raise ContentError({"variations": ["Must be a list."]})
    if len(raw) > MAX_VARIATIONS:
        raise ContentError({"variations": [f"At most {MAX_VARIATIONS}."]})
    errors: dict[str, list[str]] = {}
    found = [
        _parse_variation(one, f"variations.{index}", errors, campaign_type=campaign_type)
        for index, one in enumerate(raw)
    ]
    names = [variation.name for variation in found if variation]
    for index, name in enumerate(names):
        if name in names[:index]:
            add(errors, f"variations.{index}.name", "Another variation has this name.")
    if errors:
        raise ContentError(errors)
    return tuple(found)


def check_variations(variations: tuple[Variation, ...], *, shop) -> None:
    """Check what only the database knows: the segments, barbers and services that are named.

    Raises:
        ContentError: naming the criteria that cannot be used.
    """
    errors: dict[str, list[str]] = {}
    for index, each in enumerate(variations):
        try:
            criteria.check(criteria.parse(each.criteria), shop=shop)
        except criteria.CriteriaError as error:
            add(errors, f"variations.{index}.criteria", str(error))
    if errors:
        raise ContentError(errors)


def variations_as_json(variations: tuple[Variation, ...]) -> list[dict]:
    """The stored form."""
    return [
        {"name": each.name, "criteria": each.criteria, "channels": as_json(each.channels)}
        for each in variations
    ]


def narrowed(variations: Iterable[dict], *, to: Collection[str]) -> list[dict]:
    """The stored form with only some channels; a variation that says nothing on them goes."""
    found = []
    for each in variations:
        channels = {name: said for name, said in each["channels"].items() if name in to}
        if channels:
            found.append({**each, "channels": channels})
    return found


def language_of(raw: dict) -> str:
    """The one language that criteria ask for; "" where they ask for none or for several."""
    asked = raw.get("language", "")
    found = asked if isinstance(asked, list) else [asked]
    return found[0] if len(found) == 1 else ""


def _parse_variation(raw, path, errors, *, campaign_type) -> Variation | None:
    if not isinstance(raw, dict):
        add(errors, path, "Must be an object with name, criteria and channels.")
        return None
    for key in raw:
        if key not in ("name", "criteria", "channels"):
            said = f"Unknown key. {did_you_mean(key, ('name', 'criteria', 'channels'))}"
            add(errors, f"{path}.{shown(key)}", said)
    name, rule, channels = raw.get("name"), raw.get("criteria"), raw.get("channels")
    if said := wrong_with(name, "subject", MAX_NAME):
        add(errors, f"{path}.name", said)
    try:
        if not criteria.parse(rule).terms:
            add(errors, f"{path}.criteria", "Say for whom it is; everybody has the arm's own.")
    except criteria.CriteriaError as error:
        add(errors, f"{path}.criteria", str(error))
    parts = {}
    try:
        parts = parse_channels(channels, wanted=CHANNELS_OF_TYPE[campaign_type], kind=campaign_type)
        if not parts:
            add(errors, f"{path}.channels", "Say something on one channel at least.")
    except ContentError as error:
        for place, said in error.fields.items():
            errors.setdefault(f"{path}.{place}", []).extend(said)
    if Channel.EMAIL in parts and not errors:
        email = parts[Channel.EMAIL]
        parts[Channel.EMAIL] = replace(email, language=language_of(rule))
    return Variation(str(name), rule, parts)
