"""May we write to him? Pages and the API say what the gate would, and why not."""

import re

import pytest

from barbershop.tests.api import person_client, token_client
from barbershop.tests.query_counts import assert_same_queries
from communications import compliance
from communications.models import Suppression
from communications.tests.reports import PUBLIC_KEY, email_event, fold_email, in_call
from customers import erasure
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

ELSEWHERE = "+12125550144"


@pytest.fixture(autouse=True)
def _signing(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


def agreed(shop, decision="opted_in"):
    customer = CustomerFactory(shop=shop)
    for channel in ("email", "sms"):
        opt_in(customer, channel, decision=decision)
    return customer


def suppressed(shop, cause, channel):
    customer = agreed(shop)
    hmac = customer.email_hmac if channel == "email" else customer.phone_hmac
    Suppression.objects.create(shop=shop, channel=channel, address_hmac=hmac, cause=cause)
    return customer


def complained(shop):
    message = in_call(dispatch__shop=shop, customer=agreed(shop))
    fold_email(email_event(message, "spamreport"))
    return message.customer


def moved(shop):
    customer = agreed(shop)
    customer.phone = ELSEWHERE
    customer.save()
    return customer


def came_again(shop):
    gone = agreed(shop)
    phone = gone.phone
    erasure.erase(gone, reason="asked")
    return opted_in_by_email(CustomerFactory(shop=shop, phone=phone))


def opted_in_by_email(customer):
    opt_in(customer, "email")
    return customer


# Who, and what is said of him on the channels: the reason, the list's words, the page's.
YES = ("", "yes", "Yes")
CASES = {
    "agreed": (agreed, YES, YES),
    "complained": (
        complained,
        ("suppressed", "kept out", "No: kept out (complained)"),
        YES,
    ),
    "held": (
        lambda shop: suppressed(shop, "held", "sms"),
        YES,
        (
            "held_for_review",
            "a reply waits to be read",
            "No: a reply waits to be read (held until a person has read a reply)",
        ),
    ),
    "bounced": (
        lambda shop: suppressed(shop, "bounced", "email"),
        ("suppressed", "kept out", "No: kept out (hard bounce)"),
        YES,
    ),
    "moved": (
        moved,
        YES,
        ("no_consent", "agreed for another address", "No: agreed for another address"),
    ),
    "said no": (
        lambda shop: agreed(shop, "opted_out"),
        ("no_consent", "said no", "No: said no"),
        ("no_consent", "said no", "No: said no"),
    ),
    "claimed": (
        lambda shop: agreed(shop, "unproven"),
        YES,
        ("unproven", "no proof", "No: no proof"),
    ),
    "silent": (
        lambda shop: CustomerFactory(shop=shop),
        YES,
        ("no_consent", "has not agreed", "No: has not agreed"),
    ),
    "without addresses": (
        lambda shop: CustomerFactory(shop=shop, email="", phone=""),
        ("no_address", "no address", "No: no address"),
        ("no_address", "no address", "No: no address"),
    ),
    "came again": (
        came_again,
        ("suppressed", "kept out", "No: kept out (an address of his was erased)"),
        ("suppressed", "kept out", "No: kept out (erased)"),
    ),
}
ALL = pytest.mark.parametrize("case", CASES)


def plain(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@ALL
def test_page_of_a_customer_says_what_the_gate_says(shop, case):
    make, email, text = CASES[case]
    customer = make(shop)

    page = plain(person_client(shop).get(f"/customers/{customer.pk}/"))

    asked = page[page.index("May we write?") : page.index("What he said last")]
    assert asked.split("limits decide. ")[1] == f"Email {email[2]} SMS {text[2]} "


@ALL
def test_list_says_what_the_gate_says(shop, case):
    make, email, text = CASES[case]
    customer = make(shop)

    page = person_client(shop).get("/customers/")

    (shown,) = [row for row in page.context["page_obj"].object_list if row.pk == customer.pk]
    assert [(one.reason, one.words) for one in shown.may_write] == [email[:2], text[:2]]
    assert f"Email: {email[1]} SMS: {text[1]} " in plain(page)


@ALL
def test_api_says_what_the_gate_says_beside_what_he_said(shop, case):
    make, email, text = CASES[case]
    customer = make(shop)
    expected = {
        name: {"allowed": not reason, "reason": reason}
        for name, (reason, *_) in (("email", email), ("sms", text))
    }

    api = token_client(shop)
    one = api.get(f"/api/customers/{customer.pk}/").json()
    listed = api.get("/api/customers/").json()["results"]

    assert one["may_write"] == expected
    assert [each["may_write"] for each in listed if each["id"] == customer.pk] == [expected]
    if case == "complained":
        assert one["consent"] == {"email": "opted_in", "sms": "opted_in"}


@ALL
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_what_is_expected_here_is_the_gates_own_reason(shop, case, channel):
    make, *expected = CASES[case]
    people = Customer.objects.filter(pk=make(shop).pk)

    found = compliance.annotate_refusal(people, shop=shop, channel=channel, topic="marketing").get()

    assert found.refusal == expected[channel == "sms"][0]


def test_new_customer_is_answered_with_the_same(shop):
    made = token_client(shop).post("/api/customers/", {"email": "sam@example.test"}).json()

    assert made["may_write"] == {
        "email": {"allowed": True, "reason": ""},
        "sms": {"allowed": False, "reason": "no_address"},
    }


def test_another_shops_suppression_says_nothing_here(shop):
    customer = agreed(shop)
    for channel, hmac in (("email", customer.email_hmac), ("sms", customer.phone_hmac)):
        stranger = CustomerFactory().shop
        Suppression.objects.create(
            shop=stranger, channel=channel, address_hmac=hmac, cause="complained"
        )

    one = token_client(shop).get(f"/api/customers/{customer.pk}/").json()

    assert {each["allowed"] for each in one["may_write"].values()} == {True}


@pytest.mark.parametrize("client", [person_client, token_client])
def test_lists_ask_no_more_for_more_rows(shop, client):
    path = "/customers/" if client is person_client else "/api/customers/"

    assert_same_queries(client(shop), path, make=lambda: suppressed(shop, "held", "sms"))
