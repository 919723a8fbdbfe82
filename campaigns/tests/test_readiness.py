"""What must be true of a shop and its texts before anything is started."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
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
