"""A check of all texts before they go: the words themselves, and each as its reader gets it.

Nothing here decides anything: what stops a start is what ``readiness.check`` refuses, and it is
listed as such. Every other finding is for people to judge.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from campaigns import content, filling, readiness, tally, text_costs
from campaigns.filling import Filling
from campaigns.lint import blanks, own_blocks, people, words
from campaigns.lint.findings import ERROR, LEVELS, NOTE, WARNING, Example, Finding, Report
from campaigns.lint.people import Reading
from campaigns.materialising import rows_of
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from campaigns.text_costs import TextCosts
from communications import rendering
from communications.models import Dispatch
from customers.channels import Channel
from customers.models import Customer

__all__ = ["ERROR", "NOTE", "WARNING", "Example", "Finding", "Report", "check"]
CHARACTERS_COST = "characters_cost"
AT_ONCE = 5_000  # people whose values are read together
NOBODY = Finding(
    WARNING,
    "nobody_to_check",
    "Nobody would get anything now, so no message was checked.",
    "See the forecast for why, and check again when somebody is in the audience.",
)
WRITTEN = {"email": ("email", "emails"), "sms": ("text", "texts")}


def check(definition: CampaignDefinition, *, now: dt.datetime) -> Report:
    """Read everything that would go to everybody; some queries for every 5,000 people.

    Raises:
        campaigns.refusals.Refused: when there is no content that could be read.
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    parts = readiness.parts(definition)
    findings = list(_refusals(definition, now=now))
    for _, _, part in parts:
        findings += words.check(part, shop=definition.shop)
    readings = _readings(definition, parts, now=now)
    findings += _of_people(definition, list(readings.values()))
    texts = _costs(definition, readings.values(), now=now)
    findings += _of_costs(texts, shop=definition.shop)
    checked = dict.fromkeys(content.CHANNELS_OF_TYPE[definition.campaign_type], 0)
    for reading in readings.values():
        checked[reading.channel] += reading.number
    if not any(checked.values()) and all(each.code != "empty_audience" for each in findings):
        findings.append(NOBODY)
    findings = list(dict.fromkeys(findings))
    findings.sort(key=lambda each: (LEVELS.index(each.level), not each.stops_start))
    return Report(as_of=now, checked=checked, findings=tuple(findings), texts=texts)


def _refusals(definition, *, now) -> Iterator[Finding]:
    """What the start would be refused for."""
    try:
        readiness.check(definition, now=now)
    except Refused as refused:
        said = [said for lines in refused.fields.values() for said in lines] or [refused.message]
        for line in dict.fromkeys(said):
            yield Finding(
                ERROR,
                refused.code,
                line,
                "The campaign cannot be started before this is done.",
                stops_start=True,
            )


def _readings(definition, parts, *, now) -> dict[tuple[str, str, str], Reading]:
    """By arm, variation and channel."""
    common = readiness.example_values(definition, now=now)
    readings = {
        (label, variation, part.channel): _reading(definition.shop, part, common=common)
        for label, variation, part in parts
    }
    variants = [variant for variant, _ in readiness.contents(definition)]
    written: dict[str, set[str]] = {}
    first_only = definition.channel_policy == CampaignDefinition.Policy.FIRST_AVAILABLE
    rows = tally.everybody(definition, variants=variants, now=now)
    while batch := list(islice(rows, AT_ONCE)):
        receivers = _receivers(batch, written, first_only=first_only)
        _read(readings, receivers, common=common, now=now)
    return readings


def _reading(shop, part, *, common) -> Reading:
    kind = Dispatch.Kind.MARKETING
    prepared = rendering.draft(shop=shop, channel=part.channel, kind=kind, content=part)
    empty = blanks.of(part, prepared, booking_url=shop.booking_url, common=common)
    return Reading(part.channel, Filling(prepared, common=common), empty)


def _receivers(batch, written: dict[str, set[str]], *, first_only: bool) -> list[tuple]:
    """Who would get something, and of each address only the first."""
    found = []
    for pk, verdicts, said in batch:
        for channel, verdict in rows_of(verdicts, first_only=first_only) if said else ():
            addresses = written.setdefault(channel, set())
            if not verdict.refusal and verdict.address not in addresses:
                addresses.add(verdict.address)
                found.append((pk, channel, said, verdict.address))
    return found


def _read(readings, receivers, *, common, now) -> None:
    asked: dict[int, list[tuple[Reading, str]]] = {}
    for pk, channel, (label, variation), address in receivers:
        # A variation that says nothing on a channel leaves its arm's own words there.
        reading = readings.get((label, variation, channel)) or readings[label, "", channel]
        if reading.text.is_personal:
            asked.setdefault(pk, []).append((reading, address))
        else:
            reading.add(pk, reading.text.common, address)
    if not asked:
        return
    texts = {id(r): r.text for found in asked.values() for r, _ in found}
    for row in filling.rows(texts.values(), list(asked), common=common, now=now):
        for reading, address in asked[row["customer_id"]]:
            reading.add(row["customer_id"], row, address)


def _costs(definition, readings: Iterable[Reading], *, now) -> TextCosts | None:
    """Where the money for the texts goes; None when there are none."""
    sizes: Counter = Counter()
    values: dict = {}
    for reading in readings:
        if reading.channel == Channel.SMS:
            sizes.update(reading.sizes)
            values = reading.values | values
    if not sizes:
        return None
    return text_costs.of_texts(sizes, shop=definition.shop, values=values, now=now)


def _of_costs(texts: TextCosts | None, *, shop) -> Iterator[Finding]:
    for each in texts.culprits if texts else ():
        yield Finding(
            NOTE,
            CHARACTERS_COST,
            f"{each.sentence[0].upper()}{each.sentence[1:]}.",
            text_costs.advice(each, currency=shop.currency),
            Channel.SMS,
            each.replacements[0].field,
            each.texts,
        )


def _of_people(definition, readings: list[Reading]) -> Iterator[Finding]:
    found: dict[tuple[str, str, str], people.Tally] = {}
    for reading in readings:
        for (code, field), seen in reading.found.items():
            whole = found.setdefault((code, reading.channel, field), people.Tally())
            whole.messages += seen.messages
            whole.examples += seen.examples
    names = _names(definition.shop, found.values())
    for (code, channel, field), seen in sorted(found.items()):
        if code == "field_empty" and field in words.SHOP_LINKS:
            continue  # said once of the words, which nobody's values can mend
        examples = seen.examples[: people.MOST_EXAMPLES]
        yield Finding(
            *_said(code, channel, field, seen.messages, readings),
            messages=seen.messages,
            examples=tuple(Example(pk, names.get(pk, "")) for pk in examples),
        )
    for channel, fields in sorted(people.vanished(readings)):
        yield Finding(
            WARNING,
            "passage_for_nobody",
            f"A passage of the {WRITTEN[channel][0]} that depends on {' and '.join(fields)} is "
            "read by nobody.",
            "Check its condition, or take the passage out.",
            channel,
            fields[0] if len(fields) == 1 else "",
        )


def _said(code, channel, field, number: int, readings: list[Reading]) -> tuple:
    """The level, the code, the words, the channel and the field of what happens to so many."""
    level, message, advice = people.SAID[code]
    one, many = WRITTEN[channel]
    said = {"field": field, "one": one, "n": f"1 {one}" if number == 1 else f"{number:,} {many}"}
    of_channel = [reading for reading in readings if reading.channel == channel]
    everybody = sum(reading.number for reading in of_channel)
    said["share"] = f"{number:,} of {everybody:,} {'person' if everybody == 1 else 'people'}"
    if code == people.BLOCK_EMPTY:
        said["block"] = own_blocks.said(field)
        with_block = sum(each.number for each in of_channel if field in each.blocks)
        if field == own_blocks.OPENINGS and number == with_block:
            level = WARNING
        field = ""
    return level, code, message.format(**said), advice.format(**said), channel, field


def _names(shop, tallies) -> dict[int, str]:
    wanted = {pk for seen in tallies for pk in seen.examples[: people.MOST_EXAMPLES]}
    found = Customer.objects.for_shop(shop).filter(pk__in=wanted)
    return {customer.pk: customer.full_name for customer in found}
