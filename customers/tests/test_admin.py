"""Admin of customers and segments: whatever is typed is stored in its one form or refused."""

import pytest
from django.urls import reverse

from barbershop.tests.factories import BarberFactory, UserFactory
from customers.models import Customer, CustomerSegment
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
ADD = "admin:customers_customer_add"
NO_TAGS = {"customer_tags-TOTAL_FORMS": "0", "customer_tags-INITIAL_FORMS": "0"}


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def filled(shop, **fields) -> dict:
    return NO_TAGS | {"shop": shop.pk, "first_name": "Sam", "source": "staff"} | fields


def errors(answer) -> dict:
    return dict(answer.context["adminform"].form.errors)


def test_addresses_are_stored_in_their_one_form(root, shop):
    answer = root.post(
        reverse(ADD), filled(shop, email=" Sam@Example.TEST ", phone="(212) 555-0123")
    )

    assert answer.status_code == 302
    customer = Customer.objects.get()
    assert (customer.email, customer.phone) == ("sam@example.test", "+12125550123")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "nobody"),
        ("phone", "12"),
        ("birth_month", "13"),
        ("email", "a\x00b@example.test"),
    ],
)
def test_a_wrong_value_is_an_error_at_its_field(root, shop, field, typed):
    answer = root.post(reverse(ADD), filled(shop, **{field: typed}))

    assert field in errors(answer)
    assert not Customer.objects.exists()


def test_a_birthday_without_a_day_is_refused(root, shop):
    assert "birth_day" in errors(root.post(reverse(ADD), filled(shop, birth_month="5")))


def test_the_barber_of_another_shop_is_refused(root, shop):
    theirs = BarberFactory()

    answer = root.post(reverse(ADD), filled(shop, preferred_barber=theirs.pk))

    assert errors(answer) == {"preferred_barber": ["This belongs to another shop."]}


def test_an_external_id_is_used_once_per_shop(root, shop):
    CustomerFactory(shop=shop, external_id="7")
    other = CustomerFactory(shop=shop, external_id="8")

    answer = root.post(
        reverse("admin:customers_customer_change", args=[other.pk]), filled(shop, external_id="7")
    )

    assert answer.status_code == 200
    assert errors(answer)


def test_customers_are_listed_with_their_visits(root, shop):
    AppointmentFactory(customer=CustomerFactory(shop=shop))

    page = root.get(reverse("admin:customers_customer_changelist"))

    assert [row.visit_count for row in page.context["cl"].result_list] == [1]


def test_customers_are_never_deleted(root, shop):
    customer = CustomerFactory(shop=shop)

    answer = root.post(
        reverse("admin:customers_customer_delete", args=[customer.pk]), {"post": "yes"}
    )

    assert answer.status_code == 403
    assert Customer.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('{"visit_cuont": {"min": 1}}', "visit_count"),
        ('{"spending_tier": "\\u0000"}', "character"),
        ("[]", "object"),
        ("{", "JSON"),
    ],
)
def test_criteria_that_are_not_understood_are_a_form_error(root, shop, typed, said):
    answer = root.post(
        reverse("admin:customers_customersegment_add"),
        {"shop": shop.pk, "name": "Regulars", "criteria": typed},
    )

    assert said in str(errors(answer)["criteria"])
    assert not CustomerSegment.objects.exists()


def test_a_segment_remembers_who_made_it(root, shop):
    answer = root.post(
        reverse("admin:customers_customersegment_add"),
        {"shop": shop.pk, "name": "Regulars", "criteria": '{"visit_count": {"min": 3}}'},
    )

    assert CustomerSegment.objects.get().created_by == answer.wsgi_request.user
