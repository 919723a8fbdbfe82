"""An erasure beside workers: it waits for whoever has read the person's address already."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections, transaction

from communications import outbox
from communications.delivery import hold
from communications.models import Dispatch
from communications.tests.factories import CommunicationFactory
from customers import erasure
from customers.tests.factories import CustomerFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def erased_without_waiting(customer) -> bool:
    """Whether an erasure on a connection of its own gets through at once."""

    def work() -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            return erasure.erase(customer, reason="asked").is_new
        except OperationalError:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_erasure_waits_for_a_gate_that_has_begun():
    message = CommunicationFactory()

    with transaction.atomic():
        hold.hold_dispatch(message.dispatch_id)
        assert not erased_without_waiting(message.customer)

    assert erased_without_waiting(message.customer)


def test_erasure_waits_for_a_chunk_of_an_audience_that_is_being_written():
    person = CustomerFactory()
    dispatch = outbox.open_dispatch(shop=person.shop, kind="marketing")

    with transaction.atomic():
        Dispatch.objects.select_for_update().get(pk=dispatch.pk)
        assert not erased_without_waiting(person)

    assert erased_without_waiting(person)


def test_erasure_waits_for_no_gate_of_others():
    message, person = CommunicationFactory(), CustomerFactory()

    with transaction.atomic():
        hold.hold_dispatch(message.dispatch_id)
        assert erased_without_waiting(person)
