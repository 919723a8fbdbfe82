"""Emails of blocks and of the shop's own HTML."""

import re

import pytest

from communications import blocks, liquid, rendering
from communications.blocks import colors
from communications.tests.drafted import draft, row, shop

ALL = (
    {"type": "heading", "text": "Hi {{ customer_first_name }}"},
    {"type": "text", "text": "One\ntwo\n\nthree {{ booking_link }}"},
    {
        "type": "image",
        "url": "https://i.example/a.png?x=1&y=2",
        "alt": "❤️ cut",
        "link": "{{ booking_link }}",
    },
    {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
    {"type": "offer", "text": "For you"},
    {"type": "divider"},
    {"type": "openings", "count": 2},
)


def fine(kind, text):
    return ""


def sent(*found, at=None, values=None, **more):
    made = draft(blocks.text_of_blocks(found), at=at, blocks=found, subject="x")
    return rendering.render_email(made, row(values=values or {}, **more))


def test_all_blocks_make_a_page_and_the_same_in_plain_text():
    mail = sent(*ALL, values={"offer_in_words": "percent 20", "offer_code": "AB-12"})

    link = rendering.click_url(row()["uuid"], 0)
    assert mail.text.startswith(
        f"Hi Sam\n\nOne\ntwo\n\nthree {link}\n\n❤️ cut: {link}\n\nBook: {link}"
        "\n\nFor you\n20% off - AB-12\n\n* * *\n\n--\nMain Street\n"
    )
    assert ">Hi Sam</div>" in mail.html
    assert "<p>One<br />two</p>" in mail.html.replace("<br>", "<br />")
    assert mail.html.count(f'href="{link}"') == 3
    assert 'alt="❤️ cut"' in mail.html
    assert 'src="https://i.example/a.png?x=1&amp;y=2"' in mail.html
    assert "<strong>AB-12</strong>" in mail.html
    assert "Next free times" not in mail.html
    assert '<meta name="color-scheme" content="light dark" />' in mail.html
    assert rendering.unsubscribe_url(row()["uuid"]) in mail.html
    assert "1 Main Street, Springfield" in mail.html


def test_an_offer_that_is_none_vanishes_from_page_and_text():
    mail = sent({"type": "text", "text": "Hi"}, {"type": "offer", "text": "For you"})

    assert "For you" not in mail.html + mail.text


def test_the_shops_branding_is_on_the_page():
    at = shop(
        logo_url="https://i.example/logo.png",
        brand_color="#ffee00",
        language="fr",
        website_url="https://w.example/",
        instagram_url="https://instagram.example/x",
    )

    page = sent({"type": "button", "label": "Go", "url": "https://a.example/x"}, at=at).html

    assert 'src="https://i.example/logo.png"' in page
    assert "background:#ffee00;color:#1e1e1e" in page
    assert re.findall(r">(Site web|Instagram|Facebook|Se désabonner)</a>", page) == [
        "Site web",
        "Instagram",
        "Se désabonner",
    ]


@pytest.mark.parametrize("brand", ["#ffffff", "#000000", "#ffee00", "#1f2a44", "#777777"])
def test_every_brand_colour_can_be_read(brand):
    assert colors.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colors.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colors.contrast(colors.text_on(brand), brand) >= 4.5
    for paper in ("#ffffff", "#1e1e1e"):
        assert colors.contrast(colors.readable(brand, on=paper), paper) >= 4.5


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ("text", "0"),
        ({"type": "txt"}, "0.type"),
        ({"type": "text"}, "0.text"),
        ({"type": "text", "text": 7}, "0.text"),
        ({"type": "text", "text": "x", "txt": "y"}, "0.txt"),
        ({"type": "button", "label": "x", "url": "javascript:alert(1)"}, "0.url"),
        ({"type": "button", "label": "x", "url": "{{ customer_first_name }}"}, "0.url"),
        ({"type": "button", "label": "x", "url": "https://a b"}, "0.url"),
        ({"type": "image", "url": "https://x.example/{{ offer_code }}", "alt": "a"}, "0.url"),
        ({"type": "image", "url": "data:image/png,x", "alt": "a"}, "0.url"),
        ({"type": "openings", "count": 11}, "0.count"),
        ({"type": "openings", "count": True}, "0.count"),
    ],
)
def test_a_block_that_is_wrong_is_refused_at_its_place(block, path):
    _, errors = blocks.parse([block], wrong=fine)

    assert list(errors) == [path]


@pytest.mark.parametrize(
    "html",
    [
        "{<b></b>{ shop_name }}",
        "{<!-- a comment -->{ shop_name }}",
        "{&#123; shop_name }}",
        "&#123;&#123;&#123; shop_name }}",
        "<i>{</i>% if shop_name %}",
        "{<img alt='{ shop_name }}' src='https://i.example/a.png'>",
        "<p>{</p>{ shop_name }}",
        "<a href='https://a.example/&#123;&#123; shop_name }}'>{{ shop_name }}</a>",
    ],
)
def test_braces_that_come_together_in_the_plain_text_are_no_liquid(html):
    text = blocks.text_of_html(blocks.sanitised(html))

    said = [token.source for token in liquid.read(text) if not isinstance(token, liquid.Text)]
    assert said == ["{{ shop_name }}"] * html.count("{{ shop_name }}<")


def test_brought_html_is_tracked_gets_our_footer_and_plain_text():
    html = (
        "<h1>Hi {{ customer_first_name }}</h1><p>Book <a href='https://a.example/x?a=1&amp;b=2'>here"
        "</a> or <a href='{% if visit_count > 1 %}{{ booking_link }}{% else %}https://b.example/y"
        "{% endif %}'>there</a></p><script>alert(1)</script><style>.a{b:c{d}}</style>"
    )
    made = draft(blocks.text_of_html(blocks.sanitised(html)), html=html, preheader="Pre")

    mail = rendering.render_email(made, row(fact_visit_count=1))

    links = [rendering.click_url(row()["uuid"], number) for number in range(3)]
    assert mail.text.startswith(f"Hi Sam\n\nBook here ({links[0]}) or there ({links[2]})\n\n--\n")
    assert f'<a href="{links[0]}">here</a> or <a href="{links[2]}">there</a>' in mail.html
    assert "alert" not in mail.html
    assert rendering.unsubscribe_url(row()["uuid"]) in mail.html
    assert "1 Main Street, Springfield" in mail.html
    assert ">Pre</div>" in mail.html
