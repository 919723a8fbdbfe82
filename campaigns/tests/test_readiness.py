"""What must be true of a shop and its texts before anything is started."""

import pytest
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import readiness
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory
from communications.models import SenderIdentity
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def definition_of(campaign_type, *, message="Hi", shop=None):
    parts = {"email": {"subject": "Hi", "message": message}, "sms": {"message": message}}
    made = DefinitionFactory(
        shop=shop or ShopFactory(name="Main Street"),
        campaign_type=campaign_type,
        channels={campaign_type: parts[campaign_type]},
    )
    CustomerFactory(shop=made.shop)
    return made


def refused(definition) -> Refused:
    with pytest.raises(Refused) as caught:
        readiness.check(definition, now=timezone.now())
    return caught.value


@pytest.mark.parametrize("address", ["", "hello", "Main Street <hello@shop.example>", "a@b@c"])
def test_email_from_no_address_is_refused_saying_what_to_set(settings, address):
    settings.SENDGRID_FROM_EMAIL = address

    said = refused(definition_of("email"))

    assert said.code == "no_email_sender"
    assert "set SENDGRID_FROM_EMAIL" in said.message


@pytest.mark.parametrize("named", [{"in_segment": 4711}, {"preferred_barber": 4711}])
def test_what_criteria_name_and_is_no_more_is_refused_before_it_means_everybody(named):
    definition = definition_of("email")
    definition.target_criteria = {"not": named}

    said = refused(definition)

    assert said.code == "invalid_criteria"
    assert "4711 in this shop" in said.message


@pytest.mark.parametrize("number", ["", "2125550100", "+0125550100", "MAINSTREET", "+1212555010x"])
def test_text_from_no_number_is_refused_saying_what_to_set(settings, number):
    settings.TWILIO_PHONE_NUMBER = number

    said = refused(definition_of("sms"))

    assert said.code == "no_sms_sender"
    assert "set TWILIO_PHONE_NUMBER" in said.message


@pytest.mark.parametrize(
    ("channel", "wrong", "code"),
    [("email", "hello", "no_email_sender"), ("sms", "2125550100", "no_sms_sender")],
)
def test_shops_own_sender_is_looked_at_rather_than_the_installations(channel, wrong, code):
    definition = definition_of(channel)
    SenderIdentity.objects.create(shop=ShopFactory(), channel=channel, address="another shop's")
    readiness.check(definition, now=timezone.now())

    SenderIdentity.objects.create(shop=definition.shop, channel=channel, address=wrong)

    assert refused(definition).code == code


def test_number_that_is_not_used_by_default_is_no_sender(settings):
    settings.TWILIO_PHONE_NUMBER = ""
    definition = definition_of("sms")
    SenderIdentity.objects.create(
        shop=definition.shop, channel="sms", address="+12125550100", is_default=False
    )

    assert refused(definition).code == "no_sms_sender"


def test_text_that_is_too_long_with_what_the_law_adds_is_refused_saying_by_how_much():
    added = len("Main Street:  Reply STOP to opt out.")
    readiness.check(definition_of("sms", message="x" * (1_600 - added)), now=timezone.now())

    said = refused(definition_of("sms", message="x" * 1_600))

    assert said.code == "text_too_long"
    assert f"has {1_600 + added:,} characters" in said.message
    assert said.message.endswith(f"shorten it by {added}.")
    assert said.fields == {"channels.sms.message": [said.message]}


def test_text_from_a_number_without_registration_is_refused_saying_where_to_record_it(settings):
    settings.TWILIO_REGISTRATION = ""

    said = refused(definition_of("sms"))

    assert said.code == "no_sms_registration"
    assert f"for {settings.TWILIO_PHONE_NUMBER} no registration is recorded" in said.message
    assert "sender identity in admin, or set TWILIO_REGISTRATION" in said.message
    assert said.fields == {"shop.sms_registration": [said.message]}
    readiness.check(definition_of("email"), now=timezone.now())


def test_registration_of_the_installations_number_is_none_of_the_shops_own(settings):
    settings.TWILIO_REGISTRATION = "CTEST01"
    definition = definition_of("sms")
    own = SenderIdentity.objects.create(
        shop=definition.shop, channel="sms", address="+12125550100", registration=" "
    )
    SenderIdentity.objects.create(
        shop=ShopFactory(), channel="sms", address="+12125550100", registration="CINTRUDER"
    )
    assert refused(definition).code == "no_sms_registration"

    own.registration = "COWN01"
    own.save()
    settings.TWILIO_REGISTRATION = ""
    readiness.check(definition, now=timezone.now())


def test_shop_that_writes_as_the_installations_number_has_its_registration(settings):
    definition = definition_of("sms")
    SenderIdentity.objects.create(
        shop=definition.shop, channel="sms", address=settings.TWILIO_PHONE_NUMBER
    )

    readiness.check(definition, now=timezone.now())


@pytest.fixture
def bare(settings):
    """A campaign on both channels in a shop where everything is missing."""
    settings.SENDGRID_FROM_EMAIL = settings.TWILIO_REGISTRATION = ""
    shop = ShopFactory(name="Main Street", postal_address=" ")
    made = DefinitionFactory(
        shop=shop,
        campaign_type="multi",
        channels={
            "email": {"subject": "Hi", "message": "{{ offer_discount }} off"},
            "sms": {"message": "x" * 1_600},
        },
    )
    CustomerFactory(shop=shop)
    return made


def test_everything_that_is_missing_is_said_at_once(bare):
    said = refused(bare)

    assert said.code == "requirements_missing"
    assert list(said.fields) == [
        "shop.postal_address",
        "shop.email_sender",
        "shop.sms_registration",
        "channels.sms.message",
    ]
    assert len(said.sentences) == 5  # the missing offer is no single field's fault
    assert said.message == " ".join(said.sentences)


def test_api_answers_with_everything_that_is_missing_in_the_one_shape(bare):
    answer = token_client(bare.shop).post(f"/api/campaigns/{bare.pk}/execute", {})

    error = answer.json()["error"]
    assert (answer.status_code, set(error)) == (400, {"code", "message", "fields"})
    assert error["code"] == "requirements_missing"
    assert error["fields"]["shop.postal_address"] == [
        "Every marketing email must show the shop's postal address: enter it in admin, Barbershops."
    ]


def test_review_page_lists_everything_that_is_missing(bare, client):
    client.force_login(MembershipFactory(shop=bare.shop, role=Membership.Role.OWNER).user)

    page = client.get(f"/campaigns/{bare.pk}/execute/")

    assert page.context["blockers"] == refused(bare).sentences
    assert "requirements_missing" not in page.content.decode()
