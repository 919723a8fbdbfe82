"""X-03: what a name may hold is escaped for where it lands, and never expanded."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, outbox
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "{{discount}}<b>\"'"
LAST = "{{ shop_name }}{% now %}&amp;<i>"
IN_URL = "%7B%7Bdiscount%7D%7D%3Cb%3E%22%27"
TEXT = "Hi {{ customer_first_name }} at https://x.example.test/?n={{ customer_first_name }}#a"
SHOP = "<script>Main</script> & Sons"


@pytest.fixture
def dispatch():
    shop = ShopFactory(name=SHOP, postal_address="1 <u>Main</u> Street")
    return DispatchFactory(shop=shop, starts_at=timezone.now())


def sent(dispatch, providers, *, channel: str) -> dict:
    """What arrives, as the provider hands it on."""
    content = outbox.add_content(
        dispatch=dispatch,
        channel=channel,
        subject="For {{ customer_first_name }} {{ customer_last_name }}",
        text=TEXT,
    )
    customer = CustomerFactory(shop=dispatch.shop, first_name=NAME, last_name=LAST)
    opt_in(customer, "sms")
    CommunicationFactory(dispatch=dispatch, content=content, customer=customer, channel=channel)
    assert delivery.send_due() == 1
    (line,) = providers.accepted()
    return line


def test_name_in_an_email_is_escaped_for_each_place_and_never_expanded(dispatch, providers):
    mail = sent(dispatch, providers, channel="email")

    assert mail["subject"] == f"For {NAME} {LAST}"
    assert mail["text"].split("\n\n--\n")[0] == (
        f"Hi {NAME} at https://x.example.test/?n={IN_URL}#a"
    )
    body = mail["html"].partition("<p>")[2].partition("</p>")[0]
    assert body == (
        f"Hi {{{{discount}}}}&lt;b&gt;&quot;&#x27; at https://x.example.test/?n={IN_URL}#a"
    )
    # The shop's own words stand in the head, the banner and the foot.
    assert mail["html"].count("&lt;script&gt;Main&lt;/script&gt; &amp; Sons") == 3
    assert "1 &lt;u&gt;Main&lt;/u&gt; Street" in mail["html"]
    for tag in ("<b>", "<i>", "<script>", "<u>"):
        assert tag not in mail["html"]


def test_name_in_a_text_stays_as_it_is_and_is_never_expanded(dispatch, providers):
    text = sent(dispatch, providers, channel="sms")

    assert text["body"] == (
        f"{SHOP}: Hi {NAME} at https://x.example.test/?n={IN_URL}#a Reply STOP to opt out."
    )
