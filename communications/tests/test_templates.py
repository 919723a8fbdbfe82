"""Cut-down Liquid: what an owner may write, and what his customers read."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from communications import merge_fields, rendering
from communications.compiled import targets
from communications.tests.drafted import draft, row, shop

LOYAL = "{% if visit_count > 5 %}loyal{% elsif visit_count == 0 %}new{% else %}known{% endif %}"


def said(text, *, at=None, **values):
    return rendering.render_sms(draft(f"{text}| Reply STOP", at=at, channel="sms"), row(**values))


def read(text, **values):
    return said(text, at=shop(name="Main"), **values).removeprefix("Main: ").partition("|")[0]


@pytest.mark.parametrize(
    ("visits", "word"), [(6, "loyal"), (0, "new"), (None, "new"), (3, "known")]
)
def test_conditions_choose_by_number(visits, word):
    assert read(LOYAL, fact_visit_count=visits) == word


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("{% if customer_first_name %}a{% else %}b{% endif %}", "", "b"),
        ("{% if customer_first_name == '' %}a{% else %}b{% endif %}", "", "a"),
        ("{% if customer_first_name == blank %}a{% else %}b{% endif %}", "", "a"),
        ("{% if customer_first_name != nil %}a{% else %}b{% endif %}", "Sam", "a"),
        ("{% unless customer_first_name contains 'a' %}a{% else %}b{% endunless %}", "Sam", "b"),
        (
            "{% case customer_first_name %} {% when 'Al', 'Sam' %}a{% else %}b{% endcase %}",
            "Sam",
            "a",
        ),
        (
            "{% case customer_first_name %}{% when 'Al' or 'Ed' %}a{% else %}b{% endcase %}",
            "Sam",
            "b",
        ),
        (
            "{% if customer_first_name == 'Sam' and customer_last_name == nil %}a{% endif %}",
            "Sam",
            "a",
        ),
        ("{{ customer_first_name | upcase }}", "sam", "SAM"),
        ("{{ customer_first_name | upcase }}", "", "THERE"),
        ("{{ customer_first_name | default: 'pal' | capitalize }}", "", "Pal"),
        ("{{ customer_first_name | default: shop_name }}", "", "Main"),
        ("{{ customer_first_name | downcase | truncate: 5 }}", "Alexander", "al..."),
        ("{{ customer_first_name | truncate: 3, '' }}", "Alexander", "Ale"),
        ("{{ customer_first_name | date: '%B' }}", "Sam", "Sam"),
        ("{{ customer_first_name | date: '%e. %B %Y %%' }}", "2026-05-03", "3. May 2026 %"),
        ('{{ customer_first_name | default: "}} {% x" }}', "", "}} {% x"),
        ("a {%- if customer_first_name -%} b {%- endif -%} c", "Sam", "abc"),
        ("x {{- customer_first_name -}} x", "Sam", "xSamx"),
        ("{% if customer_first_name %}{ {{ customer_first_name }} }{% endif %}", "Sam", "{ Sam }"),
    ],
)
def test_a_template_reads(text, name, expected):
    merge_fields.validate(text)

    assert read(text, name=name) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\nHi {{ customer_firstname }}",
         "Line 3: {{ customer_firstname }} is not a merge field. Did you mean "
         "{{ customer_first_name }}?"),
        ("{{ shop_name | upcas }}", "There is no filter upcas. Did you mean upcase?"),
        ("{% iff shop_name %}", "There is no tag {% iff %}. Did you mean if?"),
        ("{% if visit_cont > 1 %}x{% endif %}",
         "{{ visit_cont }} is not a merge field. Did you mean {{ visit_count }}?"),
        ("{% if visit_count > '1' %}x{% endif %}", "> compares two numbers."),
        ("{% if shop_name contains 1 %}x{% endif %}", "contains looks for a text in a text."),
        ("x\n{% if visit_count %}\n", "Line 2: {% if %} is not closed: it ends with {% endif %}."),
        ("{% case shop_name %}x{% when 'a' %}y{% endcase %}",
         "After {% case %} comes {% when %}, with nothing between."),
        ("{{ last_visit_on | date: '%Q' }}", "%Q is no part of a date. Known are: "),
        ("a }} b", '}} after "a" closes what no {{ has opened. A merge field is '),
        ("{{ barber_openings_4 }}", "{{ barber_openings_4 }} is not a merge field. "
         "Did you mean {{ barber_openings }}?"),
    ],
)  # fmt: skip
def test_an_error_names_the_line_and_the_nearest_word(text, message):
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(text)

    (found,) = refused.value.messages
    assert found[: len(message)] == message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{% if visit_count > 1 %}https://a.example/x{% else %}https://b.example/y{% endif %}.",
         ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/{% if visit_count > 1 %}x{% endif %} and https://b.example/y",
         ["https://b.example/y"]),
        ("{% if visit_count > 1 %}https://a.example/{% endif %}x", []),
        ("{% if visit_count > 1 %}https://a.example/{% endif %}{{ offer_code }}", []),
        ("{% if visit_count > 1 %}{{ booking_link }}{% endif %} https://a.example/x.",
         ["https://book.example.test/", "https://a.example/x"]),
    ],
)  # fmt: skip
def test_addresses_in_branches_are_tracked_unless_something_completes_them(text, found):
    assert targets(text, booking_url="https://book.example.test/") == found


def test_a_link_in_a_branch_is_the_recipients_own_in_text_and_html():
    made = draft("{% if visit_count > 1 %}Book https://a.example/x?a=1&b=2 now{% endif %}")

    sent = rendering.render_email(made, row(fact_visit_count=2))

    link = rendering.click_url(row()["uuid"], 0)
    assert sent.text.startswith(f"Book {link} now\n")
    assert f'Book <a href="{link}">https://a.example/x?a=1&amp;b=2</a> now' in sent.html
    assert rendering.render_email(made, row(fact_visit_count=1)).text.startswith("\n\n--\n")


def test_a_value_in_an_address_is_encoded_in_every_branch():
    text = "https://a.example/{% if visit_count > 1 %}?n={{ customer_first_name }}{% endif %} end"

    assert read(text, name="T&x=1 /", fact_visit_count=2) == (
        "https://a.example/?n=T%26x%3D1%20%2F end"
    )


def test_what_only_some_read_neither_names_the_shop_nor_says_how_to_stop():
    text = "{% if visit_count > 1 %}{{ shop_name }}: hi. Reply STOP to end{% endif %}"

    body = rendering.render_sms(draft(text, channel="sms"), row(fact_visit_count=0))

    assert body == "Main Street:  Reply STOP to opt out."


def test_the_shops_own_braces_are_no_liquid():
    at = shop(name="{{ customer_first_name }}", postal_address="{% if %} 1 Street")
    made = draft("Hello", at=at, blocks=({"type": "text", "text": "Hi"},))

    sent = rendering.render_email(made, row("Sam"))
    text = rendering.render_sms(draft("Hello", at=at, channel="sms"), row("Sam"))

    assert "\n{{ customer_first_name }}\n{% if %} 1 Street\n" in sent.text
    assert "Sam" not in sent.html + sent.text
    assert text.startswith("{{ customer_first_name }}: Hello")


def test_dates_are_written_in_the_shops_zone_and_the_customers_language():
    visited = dt.datetime(2026, 5, 4, 2, tzinfo=dt.UTC)  # the evening before, at the shop
    now = dt.datetime(2026, 6, 1, 15, tzinfo=dt.UTC)
    known = {
        "fact_last_visit_on": visited,
        "fact_days_since_last_visit": visited,
        "fact_next_visit_at": dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC),
        "customer__birth_month": 5,
        "now": now,
    }
    text = (
        "{{ last_visit_on }}; {{ days_since_last_visit }}; {{ next_visit_at }}; "
        "{{ last_visit_on | date: '%A %e %B' }}; {{ customer_birthday_month }}"
    )

    assert read(text, **known) == (
        "May 3, 2026; 29; Tuesday, November 24, 10 a.m.; Sunday 3 May; May"
    )
    assert read(text, customer__language="es-MX", **known) == (
        "3 de mayo de 2026; 29; martes, 24 de noviembre, 10:00; domingo 3 mayo; mayo"
    )


def test_free_times_are_the_barbers_and_else_the_shops():
    times = [dt.datetime(2026, 11, 24, hour, tzinfo=dt.UTC) for hour in (15, 16, 17, 18)]
    free = {None: times, 4: times[3:]}
    text = "{{ barber_openings }}"

    assert read(text, customer__preferred_barber_id=4, free_times=free) == "Tue 13:00"
    assert read(text, free_times=free) == "Tue 10:00, Tue 11:00, Tue 12:00"
    assert read(text, free_times={}) == ""


def test_a_gap_is_named_where_it_would_be_read():
    made = draft(
        "{{ customer_last_name }} {% if last_service_name %}{{ last_service_name }}{% endif %}"
        "{% unless visit_count > 3 %}{{ offer_code | upcase }}{% endunless %}"
        "{{ referral_link | default: 'x' }} {{ customer_first_name }}"
    )

    assert made.missing(row("")) == {"customer_last_name", "offer_code"}
    assert made.missing(row("", fact_visit_count=4, customer__last_name="T")) == frozenset()


def test_every_merge_field_stands_in_the_manual():
    manual = (Path(settings.BASE_DIR) / "docs/templates.md").read_text()

    for field in merge_fields.public().values():
        kind = " (number)" if field.is_number else " (link)" if field.is_link else ""
        assert f"| `{field.name}`{kind} | {field.description} | {field.example} |" in manual
