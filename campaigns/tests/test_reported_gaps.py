"""Which fields are empty, and what stands there: the report says what is written."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import BarberFactory, ShopFactory
from campaigns import as_received, lint
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
MONTH = "customer_birthday_month"
NAME = "customer_first_name"


@pytest.mark.parametrize(
    ("message", "written", "missing", "fallbacks"),
    [
        (f"{{{{ {MONTH} | upcase | default: 'X' }}}}", "X", (), [(MONTH, "X")]),
        (f"{{{{ {MONTH} | default: \"it's\" | upcase }}}}", "IT'S", (), [(MONTH, "IT'S")]),
        (f"{{{{ {NAME} | upcase }}}}", "THERE", (), [(NAME, "THERE")]),
        (f"{{{{ {MONTH} | upcase }}}}", "", (MONTH,), []),
        (f"{{{{ {MONTH} | default: barber_first_name | upcase }}}}", "TONY", (), [(MONTH, "TONY")]),
        (f"{{{{ barber_first_name | default: {MONTH} | upcase }}}}", "TONY", (), []),
        (f"{{% if {MONTH} %}}a{{% else %}}b{{% endif %}}", "b", (), [(MONTH, "")]),
        (f"{{% if visit_count > 9 %}}a{{% else %}}{{{{ {MONTH} | upcase }}}}{{% endif %}}",
         "", (MONTH,), []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_the_report_agrees_with_the_text(channel, message, written, missing, fallbacks):
    shop = ShopFactory(name="Corner Cuts")
    person = CustomerFactory(
        shop=shop,
        first_name="",
        birth_month=None,
        preferred_barber=BarberFactory(shop=shop, first_name="Tony"),
    )
    opt_in(person, "sms")
    said = {"message": f"[{message}]"} | ({"subject": "Hi"} if channel == "email" else {})
    definition = DefinitionFactory(shop=shop, campaign_type=channel, channels={channel: said})

    (shown,) = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert f"[{written}]" in shown.text
    assert shown.missing == missing
    assert [(each.field, each.text) for each in shown.fallbacks] == fallbacks
    report = lint.check(definition, now=timezone.now())
    found = {(f.code, f.field) for f in report.findings if f.field}
    assert found == {("field_empty", name) for name in missing} | {
        ("fallback_used", name) for name, _ in fallbacks
    }


def test_words_that_the_html_hides_are_warned_of():
    shop = ShopFactory()
    CustomerFactory(shop=shop)
    html = "<div style='display:none'>Our best cuts of the spring</div><p>Hello</p>"
    mail = {"subject": "Hi", "html": html}
    definition = DefinitionFactory(shop=shop, campaign_type="email", channels={"email": mail})

    (found,) = lint.check(definition, now=timezone.now()).findings

    assert (found.level, found.code, found.channel) == ("warning", "hidden_words_shown", "email")
    assert found.message == (
        "“Our best cuts of the spring” is hidden in your HTML, and everybody sees it: emails hide "
        "nothing."
    )


def test_a_stored_link_with_something_glued_to_it_is_said_and_not_sent():
    message = "Book: {{ booking_link }}?utm_source=w5"
    definition = DefinitionFactory(campaign_type="sms", channels={"sms": {"message": message}})

    with pytest.raises(Refused, match=r'"\?utm_source=w5" right behind {{ booking_link }}'):
        lint.check(definition, now=timezone.now())
