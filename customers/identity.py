"""Who a customer is and was: every address he is known to have had, and how he is quoted."""

import datetime as dt

from barbershop import personal_data
from barbershop.personal_data import Person
from barbershop.personal_data.person import SHORTEST_QUOTE
from customers.channels import Channel
from customers.models import Customer


def of(customer: Customer, *, until: dt.datetime) -> Person:
    """The person as his rows are looked for, as of a moment.

    Former addresses are those that his consents, messages and answers name.
    """
    alone = Person(
        shop_id=customer.shop_id,
        customer_id=customer.pk,
        object_type=Customer._meta.label_lower,
        until=until,
    )
    known = {
        (str(Channel.EMAIL), customer.email, customer.email_hmac),
        (str(Channel.SMS), customer.phone, customer.phone_hmac),
    }
    for table in personal_data.holders():
        if table.addresses:
            rows = table.rows(alone).order_by().values_list(*table.addresses).distinct()
            known |= set(rows)
    return Person(
        shop_id=alone.shop_id,
        customer_id=alone.customer_id,
        object_type=alone.object_type,
        until=until,
        addresses=frozenset((channel, hmac) for channel, _, hmac in known if hmac),
        quotes=tuple(sorted({*_quotes(customer), *(text for _, text, _ in known if text)})),
    )


def words_of(customer: Customer, person: Person) -> set[str]:
    """Everything by which he could be named in a sentence, short words too."""
    return {*person.quotes, customer.first_name, customer.last_name, customer.external_id} - {""}


def same_addresses(customer: Customer, person: Person):
    """Other customers of his shop who have one of his addresses now, a family say."""
    others = Customer.objects.for_shop(customer.shop_id).present().exclude(pk=customer.pk)
    emails = [hmac for channel, hmac in person.addresses if channel == Channel.EMAIL]
    phones = [hmac for channel, hmac in person.addresses if channel == Channel.SMS]
    return others.filter(email_hmac__in=emails) | others.filter(phone_hmac__in=phones)


def _quotes(customer: Customer) -> set[str]:
    found = {customer.external_id} if len(customer.external_id) >= SHORTEST_QUOTE else set()
    name = customer.full_name
    namesakes = Customer.objects.for_shop(customer.shop_id).filter(
        first_name__iexact=customer.first_name, last_name__iexact=customer.last_name
    )
    # A name that two people share, or a first name alone, does not say who is meant.
    if customer.first_name and customer.last_name and namesakes.count() == 1:
        found.add(name)
    return found
