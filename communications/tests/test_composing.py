"""What goes to the provider is what the renderer shows, condition by condition."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import blocks, delivery, outbox, recipient_rows, rendering
from communications.delivery import compose
from communications.models import CustomerCommunication
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.waiting import state_of
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKS = (
    {"type": "heading", "text": "{% if visit_count > 0 %}Welcome back{% else %}Welcome{% endif %}"},
    {"type": "text", "text": "{{ customer_first_name | upcase }} & co: https://a.example/x"},
    {"type": "openings"},
    {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
)


@pytest.fixture
def dispatch():
    shop = ShopFactory(name="Main Street", booking_url="https://book.example.test/")
    return DispatchFactory(shop=shop, starts_at=timezone.now())


def queued(dispatch, *names, html="", text):
    content = outbox.add_content(
        dispatch=dispatch,
        channel="email",
        subject="{{ customer_first_name | downcase }} - {{ visit_count }}",
        text=text,
        html=html,
    )
    return [
        CommunicationFactory(
            dispatch=dispatch,
            content=content,
            customer=CustomerFactory(shop=dispatch.shop, first_name=name),
            channel="email",
        )
        for name in names
    ]


def test_every_recipient_gets_what_the_renderer_shows_for_him(dispatch, providers):
    content = SimpleNamespace(blocks=BLOCKS, html="", preheader="For {{ customer_first_name }}")
    html = blocks.source(shop=dispatch.shop, kind=dispatch.kind, content=content)
    sam, ana = queued(dispatch, "Sam <b>", "Ana", html=html, text=blocks.text_of_blocks(BLOCKS))
    AppointmentFactory(shop=dispatch.shop, customer=ana.customer, status="completed")
    prepared = rendering.prepare(sam.content_id, dispatch=dispatch)
    rows = recipient_rows.of_messages(
        CustomerCommunication.objects.all(),
        names=prepared.names,
        shop=dispatch.shop,
        now=timezone.now(),
    )
    shown = {row["customer_id"]: rendering.render_email(prepared, row) for row in rows}

    assert delivery.send_due() == 2

    for mail in providers.accepted():
        person = sam if mail["to"] == sam.address else ana
        expected = shown[person.customer_id]
        got = rendering.Rendered(mail["subject"], mail["text"], mail["html"])
        assert got == expected
    assert shown[sam.customer_id].subject == "sam <b> - 0"
    assert shown[ana.customer_id].subject == "ana - 1"
    assert ">Welcome</div>" in shown[sam.customer_id].html
    assert ">Welcome back</div>" in shown[ana.customer_id].html
    assert "SAM &lt;B&gt; &amp; co" in shown[sam.customer_id].html


def test_values_too_long_for_the_provider_block_their_recipient_alone(dispatch, providers):
    text = "{% if customer_first_name == 'Long' %}" + "ä" * 4_990 + "{% endif %}x"
    long, short = queued(dispatch, "Long", "Sam", text=text)

    assert compose.MOST_BYTES == 10_000
    delivery.send_due()

    assert [state_of(long), state_of(short)] == ["blocked", "accepted"]
    long.refresh_from_db()
    assert long.reason == "render_error"
    assert [mail["to"] for mail in providers.accepted()] == [short.address]
