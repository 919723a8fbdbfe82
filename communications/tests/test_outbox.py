import pytest

from communications import outbox
from communications.models import CustomerCommunication, Dispatch
from communications.outbox import Recipient
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def preparing():
    dispatch = DispatchFactory(state=Dispatch.State.PREPARING)
    return ContentFactory(dispatch=dispatch)


def recipient(customer, content, **changes):
    values = {
        "customer_id": customer.pk,
        "channel": "email",
        "address": customer.email,
        "address_hmac": customer.email_hmac,
        "content_id": content.pk,
    }
    return Recipient(**values | changes)


def states(dispatch):
    rows = CustomerCommunication.objects.filter(dispatch=dispatch).order_by("pk")
    return list(rows.values_list("customer", "send_state", "reason"))


def test_queueing_writes_one_row_per_person_and_repeating_it_none(preparing):
    people = CustomerFactory.create_batch(3, shop=preparing.shop)
    recipients = [recipient(person, preparing) for person in people]

    first = outbox.queue(dispatch=preparing.dispatch, recipients=recipients)
    second = outbox.queue(dispatch=preparing.dispatch, recipients=recipients)

    assert (first, second) == (3, 0)
    assert states(preparing.dispatch) == [(person.pk, "pending", "") for person in people]


def test_the_second_person_with_one_address_gets_a_row_that_says_so(preparing):
    one, two = CustomerFactory.create_batch(2, shop=preparing.shop, email="home@example.test")

    outbox.queue(dispatch=preparing.dispatch, recipients=[recipient(one, preparing)])
    outbox.queue(dispatch=preparing.dispatch, recipients=[recipient(two, preparing)])

    assert states(preparing.dispatch) == [
        (one.pk, "pending", ""),
        (two.pk, "blocked", "duplicate_address"),
    ]


def test_a_blocked_person_does_not_take_the_address_from_one_who_may_be_written_to(preparing):
    one, two = CustomerFactory.create_batch(2, shop=preparing.shop, email="home@example.test")

    outbox.queue(
        dispatch=preparing.dispatch,
        recipients=[
            recipient(one, preparing, blocked="no_consent"),
            recipient(two, preparing),
        ],
    )

    assert states(preparing.dispatch) == [
        (one.pk, "blocked", "no_consent"),
        (two.pk, "pending", ""),
    ]


def test_a_person_without_address_is_blocked_for_that(preparing):
    person = CustomerFactory(shop=preparing.shop, email="")

    outbox.queue(dispatch=preparing.dispatch, recipients=[recipient(person, preparing)])

    assert states(preparing.dispatch) == [(person.pk, "blocked", "no_address")]


def test_a_running_dispatch_takes_no_more_messages(preparing):
    outbox.run(preparing.dispatch)

    with pytest.raises(outbox.NotPreparing):
        outbox.queue(
            dispatch=preparing.dispatch,
            recipients=[recipient(CustomerFactory(shop=preparing.shop), preparing)],
        )


def test_a_pause_while_preparing_lets_the_audience_be_completed(preparing):
    dispatch = preparing.dispatch
    assert outbox.pause(dispatch)

    outbox.queue(
        dispatch=dispatch, recipients=[recipient(CustomerFactory(shop=dispatch.shop), preparing)]
    )
    outbox.run(dispatch)
    dispatch.refresh_from_db()
    assert dispatch.state == Dispatch.State.PAUSED

    assert outbox.resume(dispatch)
    dispatch.refresh_from_db()
    assert dispatch.state == Dispatch.State.RUNNING


def test_resuming_an_incomplete_audience_goes_back_to_preparing(preparing):
    outbox.pause(preparing.dispatch)

    outbox.resume(preparing.dispatch)

    preparing.dispatch.refresh_from_db()
    assert preparing.dispatch.state == Dispatch.State.PREPARING


def test_cancelling_cancels_what_waits_and_nothing_of_another_shop():
    waiting = CommunicationFactory()
    other = CommunicationFactory()

    assert outbox.cancel(waiting.dispatch)

    assert states(waiting.dispatch) == [(waiting.customer_id, "cancelled", "")]
    assert states(other.dispatch) == [(other.customer_id, "pending", "")]
    assert not outbox.cancel(waiting.dispatch)


def test_a_dispatch_is_done_when_nothing_waits():
    waiting = CommunicationFactory()
    finished = DispatchFactory()

    assert outbox.finish_idle() == 1

    finished.refresh_from_db()
    waiting.dispatch.refresh_from_db()
    assert finished.state == Dispatch.State.DONE
    assert finished.finished_at
    assert waiting.dispatch.state == Dispatch.State.RUNNING
