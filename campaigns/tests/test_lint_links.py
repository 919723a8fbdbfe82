"""Links of a campaign are judged before it goes: the tracked ones, and those that are not."""

import pytest

from barbershop.tests.factories import ShopFactory
from campaigns.lint import links
from campaigns.tests.test_lint import GOOD, mail, people, report, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory(booking_url=GOOD)


@pytest.mark.parametrize(
    ("url", "level", "code"),
    [
        (GOOD, None, None),
        ("https://xn--mnchen-3ya.de/a?b=c#d", None, None),
        ("https://münchen.de/", None, None),
        ("https://8.8.8.8/", None, None),
        ("http://www.barber-on-main.com/", "warning", "link_not_https"),
        ("https://localhost:8000/", "error", "link_unreachable"),
        ("https://192.168.1.7/menu", "error", "link_unreachable"),
        ("https://[::1]/", "error", "link_unreachable"),
        ("https://www.example.com/", "error", "link_unreachable"),
        ("https://shop.example/", "error", "link_unreachable"),
        ("https://printer.local/", "error", "link_unreachable"),
        ("https://barber/", "error", "link_malformed"),
        ("https://bar_ber..com/", "error", "link_malformed"),
        ("https://barber.com:port/", "error", "link_malformed"),
        ("https://-barber.com/", "error", "link_malformed"),
    ],
)
def test_link_is_judged_by_where_it_leads(url, level, code):
    found = links.trouble(url)

    assert (found and found[:2]) == (level and (level, code))


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ("http://localhost/?n={{ visit_count }}", "link_unreachable", "http://localhost/?n= "),
        ("http://localhost{% if visit_count < 1 %}/a{% endif %}", "link_unreachable", "localhost "),
        ("http://www.barber-on-main.com/?n={{ visit_count }}", "link_not_https", "barber"),
        ("Go to https://barber/{{ visit_count }} now", "link_malformed", "https://barber/ "),
        (f"{GOOD}?n={{{{ visit_count }}}}", None, None),
        ("https://{{ customer_first_name }}.barber.com/", None, None),
        ("https://barber{{ customer_first_name }}", None, None),
        ("Book: htp://shop.com/a?b.", "link_scheme_unknown", "htp://shop.com/a?b is no"),
        ("Book: (httpss://shop.com)", "link_scheme_unknown", "httpss://shop.com is no"),
        ("HTTPS://www.barber-on-main.com/ and mailto:a@b.com", None, None),
    ],
)
def test_link_that_is_not_tracked_is_judged_too(shop, message, code, words):
    people(shop, "Sam")

    found = report(shop, sms={"message": message}).findings

    assert [f.code for f in found] == ([] if code is None else [code])
    assert all(words in f.message for f in found)


def test_unknown_scheme_is_said_with_what_was_meant(shop):
    people(shop, "Sam")
    blocks = [{"type": "heading", "text": "See htp://shop.com"}]

    (found,) = report(shop, email={"subject": "Hello", "blocks": blocks}).findings

    assert (found.level, found.code) == ("error", "link_scheme_unknown")
    assert found.message == "htp://shop.com is no address that people can open."
    assert found.advice == "Did you mean https://shop.com?"


@pytest.mark.parametrize(
    ("href", "advice"),
    [
        ("www.shop.com/book", "Write https://www.shop.com/book."),
        ("//shop.com", "Write https://shop.com."),
        ("htp://shop.com", "Write https://shop.com."),
        ("//host/a", "Write https://host/a."),
        ("book.html", "Write the whole address, as the browser's address bar shows it."),
        ("/book", "Write the whole address, as the browser's address bar shows it."),
    ],
)
def test_link_that_own_html_loses_is_said(shop, href, advice):
    people(shop, "Sam")

    (found,) = report(shop, email=mail(html=f"<a href='{href}'>Book</a>")).findings

    assert (found.level, found.code, found.channel) == ("error", "link_lost", "email")
    assert found.message == f"The link {href} has no https:// and is taken out of the email."
    assert found.advice == advice


def test_button_completed_by_a_value_is_judged_by_what_is_fixed(shop):
    people(shop, "Sam")
    button = {
        "type": "button",
        "label": "Book",
        "url": "https://x.example.com/?n={{ visit_count }}",
    }

    found = report(shop, email={"subject": "Hello", "blocks": [button], "message": "Book"})

    assert said(found) == [("error", "link_unreachable", "email", "", None)]
