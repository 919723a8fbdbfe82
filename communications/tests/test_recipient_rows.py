"""What merge fields find in the database: alike for a message and for a customer without one."""

import datetime as dt

import pytest

from barbershop.models import Opening
from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from communications import merge_fields, outbox, recipient_rows, rendering
from communications.models import CustomerCommunication
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 17, tzinfo=dt.UTC)  # a Sunday noon in New York
FIELDS = (
    "visit_count",
    "last_visit_on",
    "days_since_last_visit",
    "last_service_name",
    "last_barber_first_name",
    "next_visit_at",
    "barber_openings",
    "barber_first_name",
    "customer_birthday_month",
    "shop_website",
    "review_link",
)
TEXT = "; ".join(f"{{{{ {name} }}}}" for name in FIELDS)


@pytest.fixture
def shop():
    return ShopFactory(
        name="Main", website_url="https://w.example/", review_url="https://r.example/"
    )


@pytest.fixture
def regular(shop):
    ana, tony = (BarberFactory(shop=shop, first_name=name) for name in ("Ana", "Tony"))
    fade = ServiceFactory(shop=shop, name="Skin fade")
    sam = CustomerFactory(
        shop=shop, preferred_barber=tony, birth_month=5, birth_day=3, language="fr"
    )
    for days, barber, status in (
        (40, tony, "completed"),
        (10, ana, "completed"),
        (5, tony, "no_show"),
        (-2, tony, "booked"),
        (-9, ana, "booked"),
    ):
        AppointmentFactory(
            shop=shop,
            customer=sam,
            barber=barber,
            service=fade if barber == ana else None,
            status=status,
            starts_at=NOW - dt.timedelta(days=days),
        )
    for barber, hours in ((ana, 1), (tony, -1), (tony, 24), (tony, 26)):
        Opening.objects.create(shop=shop, barber=barber, starts_at=NOW + dt.timedelta(hours=hours))
    intruder = AppointmentFactory(status="completed", starts_at=NOW - dt.timedelta(days=1))
    Opening.objects.create(
        shop=intruder.shop,
        barber=BarberFactory(shop=intruder.shop),
        starts_at=NOW + dt.timedelta(hours=2),
    )
    return sam


SAID = (
    "2; 12 novembre 2026; 10; Skin fade; Ana; mardi, 24 novembre, 12:00; "
    "lun 12:00, lun 14:00; Tony; mai; https://w.example/; https://r.example/"
)


def test_every_visit_field_is_read_alike_for_a_message_and_for_a_customer(
    shop, regular, django_assert_num_queries
):
    dispatch = DispatchFactory(shop=shop)
    content = outbox.add_content(dispatch=dispatch, channel="sms", text=f"Main: {TEXT} Reply STOP")
    stranger = CustomerFactory(shop=shop)
    for person in (regular, stranger):
        CommunicationFactory(dispatch=dispatch, content=content, customer=person, channel="sms")
    prepared = rendering.prepare(content.pk, dispatch=dispatch)

    with django_assert_num_queries(2):  # everybody's facts, and the shop's free times
        messages = list(
            recipient_rows.of_messages(
                CustomerCommunication.objects.order_by("pk"),
                names=prepared.names,
                shop=shop,
                now=NOW,
            )
        )
    with django_assert_num_queries(2):
        people = list(
            rendering.rows([prepared], Customer.objects.for_shop(shop).order_by("pk"), now=NOW)
        )

    texts = [rendering.render_sms(prepared, row) for row in messages]
    assert texts == [rendering.render_sms(prepared, row) for row in people]
    assert texts[0] == f"Main: {SAID} Reply STOP"
    assert texts[1] == (
        "Main: 0; ; ; ; ; ; Sun 13:00, Mon 12:00, Mon 14:00; your barber; ; "
        "https://w.example/; https://r.example/ Reply STOP"
    )


def test_plain_fields_cost_one_query_and_values_of_each_are_his_own(
    shop, django_assert_num_queries
):
    sam, ana = CustomerFactory(shop=shop, first_name="Sam"), CustomerFactory(shop=shop)
    found = outbox.add_content(
        dispatch=DispatchFactory(shop=shop),
        channel="sms",
        text="Main: {{ customer_first_name }} {{ offer_code }} {{ offer_discount }} Reply STOP",
    )
    prepared = rendering.prepare(found.pk, dispatch=found.dispatch)

    with django_assert_num_queries(1):
        rows = list(
            rendering.rows(
                [prepared],
                Customer.objects.filter(pk__in=[sam.pk, ana.pk]).order_by("pk"),
                values={sam.pk: {"offer_code": "A1"}},
                common={"offer_discount": "20%"},
                now=NOW,
            )
        )

    assert rendering.render_sms(prepared, rows[0]) == "Main: Sam A1 20% Reply STOP"
    assert prepared.missing(rows[0]) == frozenset()
    assert prepared.missing(rows[1]) == {"offer_code"}


def test_every_field_has_an_example_that_a_test_message_shows():
    for field in merge_fields.public().values():
        assert str(field.sample)
        assert field.description
