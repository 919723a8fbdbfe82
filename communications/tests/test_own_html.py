"""What a shop's own HTML hides, and addresses as they stand in it."""

import pytest

from communications import blocks


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<div style='display:none'>Our best cuts</div><p>Hi</p>", ["Our best cuts"]),
        ("<div style='color:red; DISPLAY : None !important'>a <b>b</b>\nc</div>d", ["a b c"]),
        ("<p hidden>{{ customer_first_name }}!</p>", ["{{ customer_first_name }}!"]),
        (
            "<span style='max-height:0;overflow:hidden'>a</span><i style='opacity:0'>b</i>",
            ["a", "b"],
        ),
        ("<p style='visibility:hidden'>a<p>b", ["a"]),
        ("<div style='display:none'>a<br><img src='x' alt='y'>b</div>c", ["ab"]),
        ("<div style='display:none'>\u200c&nbsp;\u034f</div>", []),
        ("<div style='display:block;opacity:0.5;max-height:0'>a</div>", []),
        ("<div style='display:none'><style>p{}</style></div>", []),
    ],
)
def test_words_that_the_html_hides_are_found(html, found):
    assert blocks.hidden_words(html) == found


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://shop.com/a b", "https://shop.com/a%20b"),
        (" https://shop.com/a\n", "https://shop.com/a"),
        ("https://shop.com/it's", "https://shop.com/it%27s"),
        ("https://shop.com/bar_(x)", "https://shop.com/bar_(x%29"),
        ("mailto:a@shop.com?subject=Hi you", "mailto:a@shop.com?subject=Hi%20you"),
        ("tel:+1 212 555 0100", "tel:+12125550100"),
        ("https://shop.com/a b?c={{ offer_code }}", "https://shop.com/a%20b?c={{ offer_code }}"),
    ],
)
def test_an_address_is_one_word_and_leads_to_the_same_in_html_and_text(href, kept):
    html = blocks.sanitised(f'<a href="{href}">Book</a>')

    assert html == f'<a href="{kept}">Book</a>'
    assert blocks.text_of_html(html) == f"Book ({kept})"
