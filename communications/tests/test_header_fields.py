"""X-04: nothing that any program takes for the end of a line gets into a header-like field."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications import delivery, outbox
from communications.channels import DeliveryError, EmailCall, Failure, Sender
from communications.channels.email import EmailChannel
from communications.models import SenderIdentity
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers.addresses import normalise_email
from customers.tests.factories import CustomerFactory

BREAKS = ["\r\n", "\r", "\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
BY_NAME = [pytest.param(each, id=ascii(each)) for each in BREAKS]
INJECTED = "Bcc: a@b.example"


@pytest.mark.parametrize("broken", BY_NAME)
@pytest.mark.django_db(transaction=True)
def test_what_got_into_the_database_all_the_same_is_one_line_when_it_is_sent(
    providers, settings, broken
):
    settings.SENDGRID_FROM_NAME = ""
    shop = ShopFactory(name=f"Main{broken}{INJECTED}", postal_address=f"1{broken}Street")
    dispatch = DispatchFactory(shop=shop, starts_at=timezone.now())
    content = outbox.add_content(
        dispatch=dispatch,
        channel="email",
        subject=f"Hi{broken}" + "{{ customer_first_name }} {{ shop_name }} {{ shop_address }}",
        text="Hello",
    )
    somebody = CustomerFactory(shop=shop, first_name=f"Sam{broken}{INJECTED}")
    CommunicationFactory(dispatch=dispatch, content=content, customer=somebody)
    senders = []

    class Watched(EmailChannel):
        def message(self, call):
            message = super().message(call)
            senders.append((message.from_email, message.subject))
            return message

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(delivery.loop.CHANNELS, "email", Watched())
        delivery.send_due()

    (mail,) = providers.accepted()
    assert mail["subject"] == f"Hi Sam {INJECTED} Main {INJECTED} 1 Street"
    ((sender, subject),) = senders
    assert sender == f'"Main {INJECTED}" <{settings.SENDGRID_FROM_EMAIL}>'
    assert not any(each in subject for each in BREAKS)
    assert [name for name in mail["headers"] if name.lower() in {"bcc", "cc"}] == []


def call(**sender) -> EmailCall:
    person = {"to": [{"email": "sam@example.test"}]}
    return EmailCall(Sender(**sender), "Hi\u2028there", "Hello", "<p>Hello</p>", [person])


@pytest.mark.parametrize("broken", BY_NAME)
def test_sender_that_breaks_a_line_is_refused_before_the_call(settings, broken):
    settings.SENDGRID_API_URL = "http://127.0.0.1:1/v3/"  # nobody is there to be called

    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(call(address=f"from@example.test{broken}{INJECTED}"))

    assert (caught.value.failure, caught.value.code) == (Failure.REFUSED_US, "unsendable")


def test_subject_is_one_line_however_the_call_was_made():
    assert EmailChannel().message(call(address="a@example.test")).subject == "Hi there"


@pytest.mark.parametrize("broken", BY_NAME)
def test_address_of_a_receiver_that_breaks_a_line_is_refused(broken):
    for raw in (f"sam{broken}@example.test", f"sam@example.test{broken}{INJECTED}"):
        with pytest.raises(ValidationError):
            normalise_email(raw)


@pytest.mark.parametrize("broken", BY_NAME)
@pytest.mark.django_db
def test_admin_refuses_a_sender_and_a_shop_whose_words_break_a_line(client, broken):
    shop = ShopFactory()
    client.force_login(MembershipFactory(shop=shop, user__is_staff=True).user)
    path = reverse("admin:communications_senderidentity_add")
    data = {"shop": shop.pk, "channel": "email", "address": "a@example.test", "is_default": "on"}

    for field in ("name", "address", "registration"):
        answer = client.post(path, data | {field: f"a@example.test{broken}{INJECTED}"})
        assert list(answer.context["adminform"].form.errors) == [field]

    assert SenderIdentity.objects.count() == 0
    shop_path = reverse("admin:barbershop_barbershop_change", args=[shop.pk])
    answer = client.post(shop_path, {"name": f"Main{broken}{INJECTED}"})
    assert answer.context["adminform"].form.errors["name"] == [
        "It holds a control character or a line break."
    ]
