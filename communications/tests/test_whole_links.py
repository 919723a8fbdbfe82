"""Links of ours lead where they say: nothing is put behind one, and none is made into another."""

import pytest
from django.core.exceptions import ValidationError

from communications import merge_fields


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("{{ booking_link }}?utm_source=w5", "?utm_source=w5"),
        ("Book: {{ booking_link }}/today or call", "/today"),
        ("{{ booking_link }}.Then", ".Then"),
        ("{{ referral_link | default: 'https://a.com/' }}#top", "#top"),
        ("{{ unsubscribe_link }}{{ offer_code }}", "{{ offer_code }}"),
        ("{{ booking_link }}{% if visit_count > 1 %}?a=1{% endif %}", "?a=1"),
        ("{% if visit_count > 1 %}{{ booking_link }}{% endif %}now", "now"),
        ("{% if offer_code %}x{% else %}{{ booking_link }}{% endif %}now", "now"),
        ("{{ booking_link -}} now", "now"),
    ],
)
def test_what_is_glued_to_a_link_is_refused(text, rest):
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(text)

    (said,) = refused.value.messages
    assert said.startswith(f'"{rest}" right behind {{{{ ')
    assert said.endswith(
        "would break the link or be lost: it is a page of ours that leads on. Put a space between "
        "them; for a link with more in its address, write the whole address instead: its clicks "
        "are counted, too."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Seen {{ booking_link }}? Go!",
        "({{ booking_link }}).",
        "“{{ booking_link }}”",
        "{{ booking_link }}\nnow",
        "{{ booking_link }}—see you",
        "{{ booking_link }}{% if visit_count > 1 %} today{% endif %}",
        "{% if visit_count > 1 %}{{ booking_link }}{% else %}https://a.com/x{% endif %} now",
        "{{ shop_website }}prices?a=1",
        "{{ review_link }}?a={{ offer_code }}",
    ],
)
def test_a_link_that_ends_before_the_next_word_is_fine(text):
    merge_fields.validate(text)


@pytest.mark.parametrize(
    ("html", "is_fine"),
    [
        ("<a href='{{ booking_link }}'>now</a>", True),
        ("{{ booking_link }}&nbsp;now", True),
        ("{{ booking_link }}<br>now", True),
        ("<a href='{{ booking_link }}?a=1&amp;b=2'>now</a>", False),
    ],
)
def test_in_html_a_link_ends_where_its_attribute_does(html, is_fine):
    if is_fine:
        merge_fields.validate(html, is_html=True)
    else:
        with pytest.raises(ValidationError, match="right behind"):
            merge_fields.validate(html, is_html=True)


@pytest.mark.parametrize("name", ["booking_link", "shop_website", "review_link", "referral_link"])
def test_a_filter_that_changes_a_link_is_refused(name):
    merge_fields.validate(f"{{{{ {name} | default: 'https://a.com/' }}}}")
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(f"{{{{ {name} | truncate: 5 }}}}")

    assert refused.value.messages == [
        f"{{{{ {name} }}}} is a link: truncate would change where it leads. Write "
        f"{{{{ {name} }}}} without it."
    ]


def test_the_line_of_the_link_is_told():
    with pytest.raises(ValidationError, match=r'Line 2: "\?a=1" right behind'):
        merge_fields.validate("Hello\n{{ booking_link }}?a=1\nBye")
