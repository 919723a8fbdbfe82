"""A test that is filled in as one customer: his words, and no message to him."""

import re

import pytest
from django.utils import timezone

from barbershop.models import AuditDetail
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import trial
from campaigns.models import CampaignVariant, OfferCode
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory, OfferCodeFactory, OfferFactory
from communications import delivery
from communications.models import CustomerCommunication, LinkClick, Suppression
from communications.tests.factories import CommunicationFactory
from customers import consent
from customers.erasure import erase
from customers.models import ContactConsent, Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)

ME = "me@example.test"
PERSON = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
WORDS = (
    "Hi {{ customer_first_name }}, {% if visit_count > 1 %}again{% else %}at last{% endif %}: "
    "{{ last_service_name | default: 'a cut' }}. Code {{ offer_code }}, "
    "friends {{ referral_link }}, book {{ booking_link }}"
)
EMAIL = {"email": {"subject": "For {{ customer_first_name }}", "message": WORDS}}
SPANISH = {
    "name": "Spanish",
    "criteria": {"language": "es"},
    "channels": {"email": {"subject": "Para {{ customer_first_name }}", "message": "Hola"}},
}


@pytest.fixture
def shop():
    return ShopFactory(booking_url="https://book.example.test/")


@pytest.fixture
def definition(shop):
    offer = OfferFactory(shop=shop, code_prefix="SUMMER")
    return DefinitionFactory(shop=shop, channels=EMAIL, offer=offer)


@pytest.fixture
def nuria(shop):
    nuria = CustomerFactory(shop=shop, first_name="Núria & co", email="nuria@example.test")
    for _ in range(2):
        AppointmentFactory(customer=nuria, shop=shop, status="completed", service=None)
    CustomerFactory(shop=shop, first_name="Intruder")
    return nuria


def received(providers, definition, **said) -> dict:
    """The one email that arrived."""
    trial.send(definition, emails=[said.pop("email", ME)], phones=[], **said)
    assert delivery.send_due() == 1
    (arrived,) = providers.accepted()
    return arrived


def path_in(text: str, kind: str) -> str:
    return re.search(rf"https://shop\.example\.test(/{kind}/[^\s/]+/)", text).group(1)


def test_what_stands_for_the_customer_is_filled_in_by_the_renderer_that_sends(
    providers, definition, nuria
):
    arrived = received(providers, definition, customer=nuria)

    assert arrived["to"] == ME
    assert arrived["subject"] == "[Test] For Núria & co"
    assert arrived["text"].startswith("Hi Núria & co, again: a cut. Code SUMMER-SAMPLE, friends ")
    assert "Hi Núria &amp; co, again" in arrived["html"]


def test_without_a_customer_examples_stand_there(providers, definition, nuria):
    arrived = received(providers, definition)

    assert arrived["subject"] == "[Test] For Sam"
    assert arrived["text"].startswith("Hi Sam, again: Skin fade. Code SUMMER-SAMPLE, friends ")


def test_customers_fields_without_a_value_are_empty_and_no_examples(providers, definition, shop):
    nobody_yet = CustomerFactory(shop=shop, first_name="")

    arrived = received(providers, definition, customer=nobody_yet)

    assert arrived["text"].startswith("Hi there, at last: a cut. ")


def test_it_is_no_message_to_the_customer_and_gives_him_no_code(providers, definition, nuria):
    received(providers, definition, customer=nuria)

    row = CustomerCommunication.objects.get()
    assert (row.customer, row.dispatch.kind, row.address) == (None, "test", ME)
    assert row.values["as_customer"] == str(nuria.pk)
    assert not CustomerCommunication.objects.counted().exists()
    assert OfferCode.objects.count() == 0


def test_sample_code_is_as_long_as_a_real_one_and_no_till_takes_it(definition, shop):
    real = OfferCodeFactory(offer=definition.offer, code="SUMMER-7K2Q9A").code
    trial.send(definition, emails=[ME], phones=[])

    sample = CustomerCommunication.objects.get().values["offer_code"]
    answer = token_client(shop).post("/api/offers/redeem", {"code": sample, "amount": 1000})

    assert len(sample) == len(real)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_code")


def test_links_credit_and_unsubscribe_nobody_but_the_address_that_got_it(
    providers, definition, nuria, client
):
    text = received(providers, definition, customer=nuria)["text"]

    assert client.get(path_in(text, "c"), **PERSON).status_code == 302
    assert client.get(path_in(text, "r")).status_code == 404
    page = client.get(path_in(text, "u"))
    assert "nuria@example.test" not in page.content.decode()
    assert client.post(path_in(text, "u")).status_code == 200

    assert LinkClick.objects.get().communication.customer is None
    assert ContactConsent.objects.filter(decision="opted_out").count() == 0
    (suppressed,) = Suppression.objects.values_list("address_hmac", flat=True)
    assert suppressed == CustomerCommunication.objects.get().address_hmac != nuria.email_hmac


def test_preferences_of_a_test_are_not_the_customers(providers, definition, nuria, client):
    consent.record(
        customer=nuria,
        channel="email",
        decision="opted_in",
        source="web",
        given_at=timezone.now(),
        disclosure_text="Offers by email.",
    )
    text = received(providers, definition, customer=nuria)["text"]

    client.post(f"{path_in(text, 'u')}?preferences", {"do": "nothing"})
    client.post(f"{path_in(text, 'u')}?preferences", {"offered": ["email"], "wanted": []})

    assert ContactConsent.objects.filter(customer=nuria).count() == 1
    assert not Suppression.objects.filter(address_hmac=nuria.email_hmac).exists()


def test_variation_is_the_one_that_he_would_get(providers, definition, nuria):
    definition.variants.update(variations=[SPANISH])
    Customer.objects.filter(pk=nuria.pk).update(language="es")
    nuria.refresh_from_db()

    arrived = received(providers, definition, customer=nuria)

    assert arrived["subject"] == "[Test] Para Núria & co"
    assert arrived["text"].startswith("Hola\n")
    assert "Darse de baja" in arrived["text"]


def test_named_arm_goes_as_it_is_named(providers, definition, nuria):
    definition.variants.update(variations=[SPANISH])
    other = {"email": {"subject": "B for {{ customer_first_name }}", "message": "Come in"}}
    CampaignVariant.objects.create(
        shop=definition.shop, definition=definition, label="B", channels=other
    )

    arrived = received(providers, definition, customer=nuria, variant="B")

    assert arrived["subject"] == "[Test] B for Núria & co"
    with pytest.raises(Refused) as refused:
        trial.send(definition, emails=[ME], phones=[], variant="C")
    assert refused.value.code == "no_variant"


def test_text_is_filled_in_too(providers, shop, nuria):
    MembershipFactory(shop=shop, phone="+12125550123")
    definition = DefinitionFactory(
        shop=shop,
        campaign_type="sms",
        channels={"sms": {"message": "Hi {{ customer_first_name }}, visit {{ visit_count }}"}},
    )

    trial.send(definition, emails=[], phones=["+12125550123"], customer=nuria)
    delivery.send_due()

    (text,) = providers.accepted()
    assert f"{shop.name}: Hi Núria & co, visit 2" in text["body"]


def test_erased_before_it_goes_he_stands_in_it_no_more(providers, definition, nuria):
    trial.send(definition, emails=[ME], phones=[], customer=nuria)
    erase(nuria, reason="asked")

    delivery.send_due()

    (arrived,) = providers.accepted()
    assert arrived["subject"] == "[Test] For Sam"


def test_audit_says_as_whom_it_was_filled_in(definition, nuria):
    trial.send(definition, emails=[ME], phones=[], customer=nuria)
    trial.send(definition, emails=[ME], phones=[])

    found = AuditDetail.objects.filter(entry__action="campaign.test").order_by("entry__seq")
    assert [each.after for each in found] == [{"as_customer": nuria.pk}, None]


def test_unreadable_criteria_are_said_and_nothing_is_sent(definition, nuria):
    type(definition).objects.filter(pk=definition.pk).update(target_criteria={"nonsense": 1})
    definition.refresh_from_db()

    with pytest.raises(Refused) as refused:
        trial.send(definition, emails=[ME], phones=[], customer=nuria)

    assert refused.value.code == "invalid_criteria"
    assert CustomerCommunication.objects.count() == 0


def test_api_takes_a_customer_of_the_shop(providers, definition, shop, nuria):
    answer = token_client(shop).post(
        "/api/campaigns/test",
        {"campaign_id": definition.pk, "emails": [ME], "customer_id": nuria.pk},
    )

    assert answer.status_code == 200, answer.content
    assert delivery.send_due() == 1
    assert providers.accepted()[0]["subject"] == "[Test] For Núria & co"


@pytest.mark.parametrize("who", ["stranger", "erased", "x", True, 10**30, [1]])
def test_api_refuses_whoever_is_no_customer_of_the_shop(definition, shop, who):
    if who == "stranger":
        who = CustomerFactory().pk
    elif who == "erased":
        gone = CustomerFactory(shop=shop)
        erase(gone, reason="asked")
        who = gone.pk

    answer = token_client(shop).post(
        "/api/campaigns/test",
        {"campaign_id": definition.pk, "emails": [ME], "customer_id": who},
    )

    assert answer.status_code == 400, answer.content
    assert list(answer.json()["error"]["fields"]) == ["customer_id"]
    assert CustomerCommunication.objects.count() == 0


def test_several_addresses_ask_about_the_customer_once(
    definition, nuria, django_assert_num_queries
):
    from communications import recipient_rows

    trial.send(definition, emails=[ME, "you@example.test"], phones=[], customer=nuria)
    CommunicationFactory(shop=definition.shop)

    with django_assert_num_queries(2):
        rows = list(
            recipient_rows.of_messages(
                CustomerCommunication.objects.filter(customer=None).order_by("pk"),
                "address",
                names={"customer_first_name"},
                shop=definition.shop,
                now=timezone.now(),
            )
        )

    assert [(row["address"], row["customer__first_name"]) for row in rows] == [
        (ME, "Núria & co"),
        ("you@example.test", "Núria & co"),
    ]
