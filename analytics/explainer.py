"""Why somebody did, or did not, get a campaign: in words, from the rows that exist.

Asks the same code that sends: the audience, the compliance gate, the ledger.
"""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from campaigns import audience, content, terms
from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from communications import compliance
from communications.compliance import Terms
from communications.models import CustomerCommunication
from customers import criteria
from customers.channels import Channel, Topic
from customers.models import Customer

Reason = CustomerCommunication.Reason
Delivery = CustomerCommunication.Delivery

STATES = {
    "pending": "waits for its turn",
    "claimed": "is being sent right now",
    "sending": "is being sent right now",
    "released": "waits for its turn",
    "accepted": "was sent",
    "unknown": "may have been sent: the provider's answer never came",
    "not_sent": "was not sent, as far as can be known: the provider never mentioned it",
    "cancelled": "was cancelled before it was sent",
}
EVENTS = {
    "opened_at": "opened",
    "clicked_at": "clicked",
    "replied_at": "answered",
    "unsubscribed_at": "opted out",
    "complained_at": "reported as spam",
}


class Unknown(LookupError):
    """There is no such campaign or customer."""


def find(*, campaign_id: int, customer_id: int) -> tuple[CampaignDefinition, Customer]:
    """The campaign, and the customer of the same shop.

    Raises:
        Unknown: with a sentence for people.
    """
    definition = CampaignDefinition.objects.select_related("shop").filter(pk=campaign_id).first()
    if definition is None:
        raise Unknown(f"There is no campaign {campaign_id}.")
    customer = Customer.objects.for_shop(definition.shop).filter(pk=customer_id).first()
    if customer is None:
        raise Unknown(f"There is no customer {customer_id} in {definition.shop}.")
    return definition, customer


def explain(
    definition: CampaignDefinition, customer: Customer, *, now: dt.datetime | None = None
) -> list[str]:
    """Sentences, from what happened to what would happen at ``now``."""
    now = now or timezone.now()
    runs = CampaignExecution.objects.for_shop(definition.shop).filter(definition=definition)
    runs = list(runs.select_related("dispatch").order_by("started_at", "pk"))
    lines = [line for run in runs for line in _run(run, customer, definition.shop.zone)]
    if not runs:
        lines.append("The campaign has not been executed yet.")
    return [*lines, *_would(definition, customer, now=now)]


def _run(run: CampaignExecution, customer: Customer, zone) -> Iterator[str]:
    began = f"Run of {_at(run.started_at, zone)}"
    response = CampaignResponse.objects.filter(execution=run, customer=customer).first()
    if response and response.is_holdout:
        yield f"{began}: held out, deliberately not messaged, to compare with those who were."
        return
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch_id, customer=customer)
    rows = list(rows.with_state().order_by("pk"))
    if not rows:
        being = "not considered yet: the audience is still being written"
        never = "not considered: not in the audience at that time"
        yield f"{began}: {never if run.dispatch.prepared_at else being}."
    for row in rows:
        yield f"{began}, {Channel(row.channel).label}: {_message(row, zone)}."
    if response and response.appointment_id:
        kept = "confirmed" if response.confirmed_at else "not confirmed yet"
        yield f"Booked on {_at(response.converted_at, zone)}, credited to this campaign, {kept}."


def _message(row: CustomerCommunication, zone) -> str:
    if row.state == "blocked":
        return f"blocked ({row.reason}): {_label(row.reason)}"
    if row.state == "rejected":
        return f"refused by the provider ({row.reason})"
    words = STATES[row.state]
    if row.state == "pending" and row.not_before:
        return f"the message {words}, not before {_at(row.not_before, zone)}"
    if row.state != "accepted":
        return f"the message {words}"
    at = f" on {_at(row.accepted_at, zone)}" if row.accepted_at else ""
    events = [f"{Delivery(row.delivery).label.lower()}"]
    events += [
        f"{word} {_at(when, zone)}" for name, word in EVENTS.items() if (when := getattr(row, name))
    ]
    return f"the message {words}{at}; {', '.join(events)}"


def _would(definition: CampaignDefinition, customer: Customer, *, now) -> Iterator[str]:
    at = _at(now, definition.shop.zone)
    if customer.erased_at:
        yield f"At {at}: would not be considered, the customer has been erased."
        return
    if audience.select(definition, now=now).filter(pk=customer.pk).exists():
        yield f"At {at}: matches the audience."
    else:
        yield f"At {at}: does not match the audience."
        yield from _terms(definition, customer, now=now)
    own = terms.of(definition)
    for channel in content.CHANNELS_OF_TYPE[definition.campaign_type]:
        yield from _channel(customer, channel=channel, own=own, now=now)


def _channel(customer: Customer, *, channel: str, own: Terms, now) -> Iterator[str]:
    """The verdict, and every rule with what was found."""
    ((_, verdicts),) = compliance.consider(
        Customer.objects.filter(pk=customer.pk),
        shop=customer.shop,
        channels=[channel],
        topic=Topic.MARKETING,
        terms=own,
        now=now,
    )
    verdict = verdicts[channel]
    said = "allowed"
    if verdict.refusal:
        said = f"would be blocked ({verdict.refusal}): {_label(verdict.refusal)}"
    elif verdict.not_before:
        said = f"allowed, not before {_at(verdict.not_before, customer.shop.zone)}"
    yield f"  {Channel(channel).label}: {said}."
    for rule in compliance.rules(
        customer, channel=channel, topic=Topic.MARKETING, terms=own, now=now
    ):
        yield f"    {'yes' if rule.passes else 'no '}  {rule.name}: {rule.found}"


def _terms(definition: CampaignDefinition, customer: Customer, *, now) -> Iterator[str]:
    """Each criterion by itself, so that the one that fails can be seen."""
    one = Customer.objects.filter(pk=customer.pk)
    for term in criteria.parse(definition.target_criteria).terms:
        alone = criteria.Criteria((term,))
        holds = alone.apply(one, shop=definition.shop, now=now).exists()
        yield f"  {'yes' if holds else 'no '}  {term.sentence()}"


def _label(reason: str) -> str:
    return Reason(reason).label if reason in Reason.values else reason


def _at(moment: dt.datetime, zone) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
