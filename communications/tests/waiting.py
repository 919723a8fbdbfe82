"""Messages that wait to be sent, as campaigns would have queued them."""

from communications import outbox
from communications.models import CustomerCommunication
from communications.tests.factories import CommunicationFactory
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory


def waiting(dispatch, count=1, *, channel="email", **customer):
    content = outbox.add_content(
        dispatch=dispatch,
        channel=channel,
        subject="Hello {{ customer_first_name }}",
        text="Hi {{ customer_first_name }}, book at {{ booking_link }}",
        variant_label="A",
    )
    people = [CustomerFactory(shop=dispatch.shop, **customer) for _ in range(count)]
    for person in people:
        if channel == "sms":
            opt_in(person, "sms")
    return [
        CommunicationFactory(dispatch=dispatch, content=content, customer=person, channel=channel)
        for person in people
    ]


def state_of(communication):
    found = CustomerCommunication.objects.with_state().get(pk=communication.pk)
    return found.state
