"""The fact about permission: what the customer said last, as ``consent.annotate_decision`` sees it.

``none`` is nothing said; ``stale`` an opt-in for another number or address than today's.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from customers import consent
from customers.channels import ADDRESS_FIELDS, Channel, Topic
from customers.criteria.errors import CriteriaError
from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import NOBODY
from customers.criteria.values import (
    any_of,
    channel_word,
    fields,
    list_schema,
    one_or_more,
    word_of,
)
from customers.criteria.view import View
from customers.models import ContactConsent, Customer

Decision = ContactConsent.Decision
NONE = "none"
DECISIONS = [*Decision.values, consent.STALE, NONE]
LIKE = '{"channel": "sms", "decision": "opted_in"}'


@dataclass(frozen=True)
class Consent:
    channel: str
    decisions: tuple[str, ...]
    topic: str


def _parse(raw, path: str) -> Consent:
    readers = {
        "channel": word_of(Channel.values),
        "decision": one_or_more(word_of(DECISIONS)),
        "topic": word_of(Topic.values),
    }
    found = fields(raw, path, readers, like=LIKE)
    for name in ("channel", "decision"):
        if name not in found:
            raise CriteriaError(path, f"Give the {name} too, as in {LIKE}.")
    return Consent(found["channel"], found["decision"], found.get("topic", Topic.MARKETING))


def _q(value: Consent, view: View) -> Q:
    said = ContactConsent.objects.filter(
        customer=OuterRef("pk"), channel=value.channel, topic=value.topic
    )
    last = said.latest()
    _, hmac = ADDRESS_FIELDS[Channel(value.channel)]
    stale = consent.is_stale(OuterRef(hmac))
    condition = NOBODY
    if plain := sorted(set(value.decisions) - {consent.STALE, NONE}):
        condition |= Q(Exists(last.filter(~stale, decision__in=plain)))
    if consent.STALE in value.decisions:
        condition |= Q(Exists(last.filter(stale)))
    if NONE in value.decisions:
        condition |= ~Q(Exists(said))
    return condition


def _says(decision: str) -> str:
    return decision.replace("_", " ")


def _found(value: Consent, customer, *, now) -> str:
    one = consent.annotate_decision(
        Customer.objects.filter(pk=customer.pk), channel=value.channel, topic=value.topic
    )
    return _says(one.values_list("consent_decision", flat=True).get() or NONE)


def _sentence(value: Consent, names) -> str:
    topic = "" if value.topic == Topic.MARKETING else f" about {Topic(value.topic).label.lower()}"
    said = any_of(_says(decision) for decision in value.decisions)
    return f"whose consent to {channel_word(value.channel)}{topic} is {said}"


register_fact(
    Fact(
        name="consent",
        group="Permission",
        description="What he said last about a channel: opted_in, opted_out, unproven (claimed "
        "without proof), stale (an opt-in for another address), none; of marketing, or of `topic`.",
        parse=_parse,
        q=_q,
        sentence=_sentence,
        found=_found,
        schema={
            "type": "object",
            "properties": {
                "channel": {"enum": Channel.values},
                "decision": list_schema({"enum": DECISIONS}),
                "topic": {"enum": Topic.values, "default": Topic.MARKETING.value},
            },
            "required": ["channel", "decision"],
            "additionalProperties": False,
        },
        example={"channel": "sms", "decision": "opted_in"},
    )
)
