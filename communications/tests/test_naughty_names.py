"""X-03: whatever somebody is called, every part of a message says just that and does nothing."""

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import blocks, delivery, outbox, rendering
from communications.models import Dispatch
from communications.tests.drafted import draft, row
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.naughty import STORABLE, UNSEEN, UNSTORABLE
from communications.written import written_value
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

NAMES = [name for name in (*STORABLE, *UNSTORABLE) if name not in UNSEEN]
NAME = "{{ customer_first_name }}"
IF = "{% if customer_first_name %}" + NAME + "{% else %}nobody{% endif %}"
# The value as it is, within a condition, and through a filter that changes none of them.
IN_URL = f"?n={NAME}&i={IF}&f={{{{ customer_first_name | truncate: 500 }}}}"
# The value as it is, within a condition, and through a filter that changes none of them.
ADDRESS = f"https://x.example/?n={NAME}&i={IF}&f={{{{ customer_first_name | truncate: 500 }}}}"
TEXT = f"A {NAME} B {IF} C {ADDRESS} D"
HTML = (
    f'<h1>{NAME}</h1><p title="{IF}">{IF}</p><a href="{ADDRESS}">{NAME}</a>'
    f'<img src="https://x.example/a.png" alt="{NAME}">'
)
BLOCKS = (
    {"type": "heading", "text": NAME},
    {"type": "text", "text": TEXT},
    {"type": "image", "url": "https://x.example/a.png", "alt": IF},
    {"type": "button", "label": NAME, "url": ADDRESS},
)


class _Outline(HTMLParser):
    """Which elements and attributes a page has, and what they say."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.said: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            self.values.setdefault(name, []).append(value or "")

    def handle_data(self, data):
        self.said.append(data)


@pytest.fixture(scope="module")
def kinds():
    """Three emails and a text, each with the outline that it has for somebody called Sam."""
    emails = {
        "plain": draft(TEXT, subject=f"For {NAME}"),
        "blocks": draft("x", subject=IF, blocks=BLOCKS, preheader=IF),
        "html": draft("x", subject=NAME, html=HTML, preheader=NAME),
    }
    return {
        kind: (prepared, _Outline(rendering.render_email(prepared, row("Sam")).html).tags)
        for kind, prepared in emails.items()
    }


def said_in(address: str) -> list[str]:
    """What stands in the three places of ``ADDRESS``, each of which is percent-encoded."""
    encoded = r"([\w.~%-]*)"
    found = re.fullmatch(
        rf"https://x\.example/\?n={encoded}&i={encoded}&f={encoded}", address, re.ASCII
    )
    return [unquote(part) for part in found.groups()]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_says_itself_in_every_place_and_changes_nothing_else(kinds, name):
    said = written_value(name)
    for kind, (prepared, outline) in kinds.items():
        sent = rendering.render_email(prepared, row(name))
        page = _Outline(sent.html)

        assert page.tags == outline
        assert len(sent.subject.splitlines()) <= 1
        assert said in sent.subject
        assert any(said in each for each in page.said)
        for href in page.values["href"]:
            assert not re.search(r"[\s\"'<>]", href)
        addresses = [href for href in page.values["href"] if "x.example/?n=" in href]
        assert len(addresses) == (0 if kind == "plain" else 1)
        assert all(said_in(address) == [said] * 3 for address in addresses)
        sent.html.encode()
        sent.text.encode()
    plain = rendering.render_email(kinds["plain"][0], row(name))
    before = f"A {said} B {said} C "
    assert plain.text.startswith(f"{before}https://x.example/?n=")
    assert said_in(plain.text.removeprefix(before).partition(" D")[0]) == [said] * 3


@pytest.mark.parametrize("name", UNSEEN, ids=range(len(UNSEEN)))
def test_a_name_of_which_nothing_is_seen_is_no_name_in_any_place(kinds, name):
    for prepared, _ in kinds.values():
        assert rendering.render_email(prepared, row(name)) == rendering.render_email(
            prepared, row("")
        )


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_says_itself_in_a_text_message(name):
    prepared = draft(f"Main Street: {NAME} / {IF}. Reply STOP to end", channel="sms")

    body = rendering.render_sms(prepared, row(name))

    said = written_value(name)
    assert body == f"Main Street: {said} / {said}. Reply STOP to end"


@pytest.mark.django_db(transaction=True)
def test_naughty_names_arrive_at_the_provider_as_they_are(providers):
    shop = ShopFactory(name="Main Street", booking_url="https://book.example.test/")
    for channel, names in (("email", STORABLE), ("sms", STORABLE[:12])):
        dispatch = DispatchFactory(shop=shop, starts_at=timezone.now(), is_cap_exempt=True)
        email = draft("x", at=shop, blocks=BLOCKS)
        content = outbox.add_content(
            dispatch=dispatch,
            channel=channel,
            subject=f"For {IF}",
            text=f"Main Street: {IF}. Reply STOP to end",
            html=_source(shop) if channel == "email" else "",
        )
        assert (len(email.link_ids), content.links.count()) == (0, 0)
        expected = {}
        for name in names:
            person = CustomerFactory(shop=shop, first_name=name[:80])
            if channel == "sms":
                opt_in(person, "sms")
            message = CommunicationFactory(
                dispatch=dispatch, content=content, customer=person, channel=channel
            )
            expected[message.address] = "nobody" if name in UNSEEN else written_value(name[:80])

        assert delivery.send_due() == len(names)

        for mail in providers.accepted():
            if mail["to"] in expected:
                said = expected.pop(mail["to"])
                if channel == "email":
                    assert mail["subject"] == f"For {said}"
                    assert said in unescape(mail["html"])
                assert said in mail.get("text", mail.get("body", ""))
        assert expected == {}


def _source(shop) -> str:
    from types import SimpleNamespace

    content = SimpleNamespace(blocks=BLOCKS, html="", preheader="", subject="x")
    return blocks.source(shop=shop, kind=Dispatch.Kind.MARKETING, content=content)
