"""Where a piece of Liquid meets what stands beside it, and how much of it there may be."""

import pytest
from django.core.exceptions import ValidationError

from communications import blocks, liquid, merge_fields, rendering
from communications.tests.drafted import draft, row, shop

IF = "{%- if customer_first_name -%} a {%- endif -%}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IF, "a"),
        (f"\n {IF} \n", "a"),
        ("{{- customer_first_name -}}", "Sam"),
        (f"b {IF} c", "bac"),
        ("b {{ customer_first_name -}}\n\n", "b Sam"),
    ],
)
def test_dashes_strip_nothing_of_what_is_put_beside_a_text(text, expected):
    merge_fields.validate(text)
    at = shop(name="Cedar Street", postal_address="1 Cedar Street")

    mail = rendering.render_email(draft(text, at=at), row()).text
    sms = rendering.render_sms(draft(text, at=at, channel="sms"), row())

    assert mail.startswith(f"{expected}\n\n--\nCedar Street\n1 Cedar Street\n")
    assert sms == f"Cedar Street: {expected} Reply STOP to opt out."


def test_dashes_strip_nothing_of_the_neighbouring_blocks():
    written = [
        {"type": "heading", "text": IF},
        {"type": "text", "text": "b {{ customer_first_name -}}"},
        {"type": "button", "label": "c {{ customer_first_name -}}", "url": "https://a.example/"},
        {"type": "text", "text": IF},
        {"type": "divider"},
    ]

    made = draft(blocks.text_of_blocks(tuple(written)))

    sent = rendering.render_email(made, row()).text.partition("\n\n--\n")[0]
    link = rendering.click_url(row()["uuid"], 0)
    assert sent == f"a\n\nb Sam\n\nc Sam: {link}\n\na\n\n* * *"


@pytest.mark.parametrize(
    "text", ["", "  x  ", "{% if x -%}", "x {%- endif", "{{ shop_name }} ", " {{ 7*7 -}} "]
)
def test_text_without_dashes_at_its_ends_is_contained_as_it_stands(text):
    assert liquid.contained(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # May be saved.
        ("{% if customer_first_name %}{ {{- customer_first_name -}} }{% endif %}", "{Sam}"),
        # Stored under other rules.
        ("{% if customer_first_name %}{{ 7*7 }} {{ shop.owner }}{% endif %}",
         "{{ 7*7 }} {{ shop.owner }}"),
        ("{% if customer_first_name %}{% now 'Y' %}{{ 'x' | upcase }}{% endif %}",
         "{% now 'Y' %}{{ 'x' | upcase }}"),
    ],
)  # fmt: skip
def test_braces_that_are_text_stay_text_in_a_condition(text, expected):
    sent = rendering.render_email(draft(text, subject=text), row())

    assert sent.subject == expected
    assert sent.text.startswith(f"{expected}\n\n--\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if visit_count > 1 %}x{% endif %}" * 101,
         "There are 202 tags such as {% if %}, {% when %} and {% endif %}; 200 are the most in one "
         "message. Say it with fewer, or write a variation for some of the customers."),
        ("{{ customer_first_name }}" * 1_001,
         "There are 1,001 merge fields; 1,000 are the most in one message. Say it with fewer, or "
         "write a variation for some of the customers."),
        ("{{ customer_first_name | upcase | downcase | capitalize }}" * 667,
         "There are 2,001 words in conditions and filters; 2,000 are the most in one message. Say "
         "it with fewer, or write a variation for some of the customers."),
        ("50% off {50%}",
         '%} after "50% off {50" closes what no {% has opened. A merge field is written '
         "{{ name }}; for signs that customers are to read put a space between them: % }"),
        ("one\ntwo }} three",
         'Line 2: }} after "two" closes what no {{ has opened. A merge field is written '
         "{{ name }}; for signs that customers are to read put a space between them: } }"),
        ("{% if not offer_code %}x{% endif %}",
         '{% if not offer_code %} is not understood. There is no "not": write {% unless offer_code '
         "%} and, at the end, {% endunless %}."),
        ("{% if visit_count > 1 and not offer_code %}x{% endif %}",
         "{% if visit_count > 1 and not offer_code %} is not understood. There is no \"not\": "
         "write {% unless offer_code %} ... {% endunless %}, or compare: offer_code == blank, "
         "visit_count != 5."),
    ],
)  # fmt: skip
def test_refusal_says_what_is_wrong_and_what_to_write(text, message):
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(text)

    assert refused.value.messages == [message]


@pytest.mark.parametrize(
    "text",
    [
        "50% off {50% }",
        "two } } three",
        "{% unless offer_code %}x{% endunless %}",
        "{% if visit_count > 1 and offer_code == blank %}x{% endif %}",
        "{% if visit_count > 1 %}x{% endif %}" * 100,
        "{{ customer_first_name }}" * 1_000,
    ],
)
def test_what_a_refusal_says_to_write_is_accepted(text):
    merge_fields.validate(text)
