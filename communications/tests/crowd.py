"""Many messages that wait, written the way an audience is."""

from communications import outbox
from communications.models import CustomerCommunication
from customers.addresses import address_hmac
from customers.models import Customer


def crowd(dispatch, addresses) -> dict[str, CustomerCommunication]:
    """One waiting email per address, in this order; by address."""
    content = outbox.add_content(
        dispatch=dispatch, channel="email", subject="Hello", text="Hi {{ customer_first_name }}"
    )
    people = Customer.objects.bulk_create(
        Customer(
            shop=dispatch.shop, first_name="Sam", email=address, email_hmac=address_hmac(address)
        )
        for address in addresses
    )
    CustomerCommunication.objects.bulk_create(
        CustomerCommunication(
            shop=dispatch.shop,
            dispatch=dispatch,
            content=content,
            customer=person,
            channel="email",
            address=person.email,
            address_hmac=person.email_hmac,
        )
        for person in people
    )
    return {m.address: m for m in CustomerCommunication.objects.filter(dispatch=dispatch)}
