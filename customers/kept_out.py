"""People who asked to be erased and come again: by a file, the API or the sign-up page.

Their record is kept like any other, because the shop may have a lawful reason for it, a new booking
say; what it may not do is advertise to them. The addresses are recognised by HMAC: the gate refuses
the erased one for whatever message, and offers to any address of whoever has an erased one. These
questions say so beforehand, in words.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from barbershop import personal_data
from barbershop.models import Barbershop
from customers.channels import ADDRESS_FIELDS
from customers.models import Customer


def annotate(customers: QuerySet[Customer], *, alias: str = "is_kept_out") -> QuerySet[Customer]:
    """Annotate whether somebody with one of the customer's addresses was erased at his shop."""
    return customers.annotate(**{alias: is_kept_out(OuterRef("shop"))})


def is_kept_out(shop) -> Q:
    """Customers with an address whose owner was erased.

    Args:
        shop: theirs; or ``OuterRef("shop")``, for those of several.
    """
    erased = personal_data.erased_addresses().filter(shop=shop)
    found = Q()
    for channel, (_, hmac) in ADDRESS_FIELDS.items():
        found |= Q(Exists(erased.filter(channel=channel, address_hmac=OuterRef(hmac))))
    return found


def count(customers: Iterable[Customer], *, shop: Barbershop) -> int:
    """How many of these, stored or not, have an address whose owner was erased; one query."""
    people = {id(each): {each.email_hmac, each.phone_hmac} - {""} for each in customers}
    wanted = set().union(*people.values())
    if not wanted:
        return 0
    erased = personal_data.erased_addresses().filter(shop=shop, address_hmac__in=wanted)
    known = set(erased.order_by().values_list("address_hmac", flat=True))
    return sum(not known.isdisjoint(hmacs) for hmacs in people.values())


def in_words(number: int) -> str:
    """One sentence about so many people; nothing for none."""
    if number == 1:
        return "1 person asked to be erased before, and is kept out: no offer will be sent."
    if number:
        return f"{number:,} people asked to be erased before; they are kept out: no offer is sent."
    return ""
