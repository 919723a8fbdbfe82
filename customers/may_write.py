"""Whether an offer may go to a customer: the gate's own answer, for pages and for other systems.

What he said is one part of it only: an address may be kept out, or be another one by now. The gate
stands on the floor above, which says here how it is asked (``answered_by``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from barbershop.any_of import AnyOf
from barbershop.models import Barbershop
from customers import consent
from customers.channels import Channel
from customers.models import Customer

# Annotates, under an alias, the reason why no offer may go to each customer; "" where it may.
Gate = Callable[..., QuerySet[Customer]]
# Says a reason and what he said last in a few words.
Words = Callable[[str, str], str]


@dataclass(frozen=True)
class Answer:
    """About one channel. ``reason`` is the ledger's word; empty when an offer may go."""

    channel: Channel
    reason: str
    words: str


_gates: list[tuple[Gate, Words]] = []


def answered_by(gate: Gate, *, words: Words) -> None:
    """Ask ``gate(customers, shop=, channel=, alias=)``; there is one."""
    _gates[:] = [(gate, words)]


def annotate(customers: QuerySet[Customer], *, shop: Barbershop | None) -> QuerySet[Customer]:
    """Annotate ``refusal_<channel>`` for every channel.

    Nothing without a shop, as when the API document is made: each shop has rules of its own.
    """
    if shop is None:
        return customers
    ((gate, _),) = _gates
    for channel in Channel:
        customers = gate(customers, shop=shop, channel=channel, alias=f"refusal_{channel}")
    return customers


def answers(people: Iterable[Customer], *, shop: Barbershop) -> dict[int, list[Answer]]:
    """Of these customers of the shop, by their ids, by one query."""
    ((_, words),) = _gates
    found = Customer.objects.for_shop(shop).filter(AnyOf("pk", [each.pk for each in people]))
    found = annotate(found, shop=shop)
    columns = []
    for channel in Channel:
        found = consent.annotate_decision(found, channel=channel, alias=f"said_{channel}")
        columns += [f"refusal_{channel}", f"said_{channel}"]
    answered = {}
    for pk, *row in found.order_by().values_list("pk", *columns):
        pairs = zip(Channel, row[::2], row[1::2], strict=True)
        answered[pk] = [Answer(channel, why, words(why, said)) for channel, why, said in pairs]
    return answered
