from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Engine, RequestContext, engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from barbershop.templatetags import ui

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def render(source, **context):
    return engines["django"].from_string("{% load ui %}" + source).render(context).strip()


@pytest.mark.parametrize(
    ("minor_units", "currency", "words"),
    [
        (758, "USD", "$7.58"),
        (5, "EUR", "€0.05"),
        (123_456_789, "GBP", "£1,234,567.89"),
        (-100, "CAD", "\u2212CA$1.00"),
        (1500, "JPY", "JPY\u00a01,500"),
        (0, "USD", "$0.00"),
        (None, "USD", "\u2013"),
    ],
)
def test_money_words_whole_minor_units(minor_units, currency, words):
    assert ui.money(minor_units, currency) == words


@pytest.mark.parametrize(
    ("minor_units", "currency", "language", "words"),
    [
        (600, "USD", "en", "$6"),
        (650, "USD", "en", "$6.50"),
        (100_000, "USD", "es", "$1,000"),
        (600, "JPY", "en", "JPY\u00a0600"),
        (123_456, "USD", "fr", "1\u00a0234,56\u00a0$"),
        (600, "EUR", "es", "6\u00a0€"),
    ],
)
def test_short_money_leaves_out_cents_that_are_none(minor_units, currency, language, words):
    assert ui.short_money(minor_units, currency, language) == words


@pytest.mark.parametrize("not_money", [7.58, True, "758", Decimal("7.58")])
def test_money_refuses_anything_but_an_integer(not_money):
    with pytest.raises(TypeError, match="whole minor units"):
        ui.money(not_money)


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (0.124, "12.4\u00a0%"),
        (0.1235, "12.4\u00a0%"),
        (0, "0\u00a0%"),
        (1, "100\u00a0%"),
        (0.0004, "<0.1\u00a0%"),
        (0.9999, ">99.9\u00a0%"),
        (9.4, "940.0\u00a0%"),
        (-0.5, "\u221250.0\u00a0%"),
        (-0.0001, ">\u22120.1\u00a0%"),
        (None, "\u2013"),
    ],
)
def test_percent_words_a_fraction_and_never_rounds_to_nothing_or_all(fraction, words):
    assert ui.percent(fraction) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (9876, "9,876"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (999_949, "999.9k"),
        (999_950, "1M"),
        (4_500_000, "4.5M"),
        (-12_345, "-12.3k"),
        (None, "\u2013"),
    ],
)
def test_compact_shortens_only_from_ten_thousand_on(number, words):
    assert ui.compact(number) == words


def test_counted_sets_thousands_apart():
    assert (ui.counted(1_234_567), ui.counted(None)) == ("1,234,567", "\u2013")


def test_local_time_is_told_in_the_zone_of_the_shop():
    assert ui.local_time(NOON, "America/New_York") == (
        '<time class="num" datetime="2026-11-22T07:00:00-05:00" title="EST (-0500)">'
        "22 Nov 2026, 07:00</time>"
    )


def test_local_date_may_be_another_day_than_in_utc():
    late = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    assert ui.local_date(late, "America/New_York") == (
        '<time class="num" datetime="2026-11-21">21 Nov 2026</time>'
    )


def test_missing_moments_are_a_dash():
    assert (ui.local_time(None), ui.local_date(None)) == ("\u2013", "\u2013")


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=12), "12\u00a0s ago"),
        (timedelta(seconds=119), "1\u00a0min ago"),
        (timedelta(hours=23, minutes=59), "23\u00a0h ago"),
        (timedelta(days=2), "2\u00a0d ago"),
        (timedelta(seconds=-5), "0\u00a0s ago"),
    ],
)
def test_ago_uses_one_unit_and_never_the_future(passed, words):
    assert ui.ago(NOON - passed, NOON) == words


def test_icon_is_decoration_until_it_gets_a_label():
    assert render('{% icon "home" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#home"></use></svg>'
    )
    assert render('{% icon "home" label=name %}', name='a"b') == (
        '<svg class="icon" role="img" aria-label="a&quot;b">'
        '<use href="/static/icons.svg#home"></use></svg>'
    )


def test_status_chip_says_its_state_by_word_icon_and_colour():
    assert render('{% status_chip "paused" %}') == (
        '<span class="chip chip-warn"><svg class="icon" aria-hidden="true">'
        '<use href="/static/icons.svg#paused"></use></svg>Paused</span>'
    )


def test_status_chip_shows_an_unknown_state_plainly_and_escaped():
    chip = render("{% status_chip state %}", state="<b>_odd")

    assert chip.endswith("</svg>&lt;b&gt; odd</span>")
    assert 'class="chip chip-plain"' in chip


@pytest.mark.parametrize(
    ("share", "width"), [(0.5, "50"), (1 / 3, "33.33"), (7, "100"), (-1, "0"), (None, "0")]
)
def test_bar_stays_within_its_track(share, width):
    assert f'class="fill" width="{width}%"' in ui.bar(share)


def test_table_region_is_named_and_reachable_by_keyboard():
    region = render("{% table_region name %}<table></table>{% endtable_region %}", name="A & B")

    assert region == (
        '<div class="table-region" role="region" aria-label="A &amp; B" tabindex="0">'
        "<table></table></div>"
    )


class TestForm(forms.Form):
    __test__ = False
    email = forms.EmailField(help_text="Where the test goes.")
    channel = forms.ChoiceField(choices=[("email", "Email")], widget=forms.RadioSelect)


def test_field_ties_its_help_and_its_error_to_the_input():
    form = TestForm({"email": "nope"})

    field = render_to_string("components/_field.html", {"field": form["email"]})

    assert 'aria-describedby="id_email_helptext id_email_error"' in field
    assert 'id="id_email_helptext"' in field
    assert 'id="id_email_error"' in field
    assert 'aria-invalid="true"' in field


def test_error_summary_links_each_error_to_its_field():
    form = TestForm({"email": "nope", "channel": "email"})
    form.add_error(None, "Not both.")

    summary = render_to_string("components/_error_summary.html", {"form": form})

    assert '<a href="#id_email">Email: Enter a valid email address.</a>' in summary
    assert "<li>Not both.</li>" in summary
    assert summary.count("<li>") == 2


def test_error_summary_is_silent_about_a_form_without_errors():
    assert render_to_string("components/_error_summary.html", {"form": TestForm()}).strip() == ""


def test_pagination_keeps_the_filters_of_the_page():
    request = RequestFactory().get("/campaigns/", {"q": "summer", "page": "2"})
    page = Paginator(range(120), 50).page(2)

    # An engine of its own: the links need the request, but no shop and no session.
    engine = Engine(
        dirs=[settings.BASE_DIR / "templates"], libraries={"ui": "barbershop.templatetags.ui"}
    )
    template = engine.get_template("components/_pagination.html")
    pages = template.render(RequestContext(request, {"page_obj": page}))

    assert 'rel="prev" href="?q=summer&amp;page=1"' in pages
    assert 'rel="next" href="?q=summer&amp;page=3"' in pages
    assert "51\u2013100 of 120" in pages


def test_pagination_of_a_single_page_is_nothing():
    page = Paginator(range(3), 50).page(1)

    assert render_to_string("components/_pagination.html", {"page_obj": page}).strip() == ""


@pytest.mark.parametrize("code", ["400", "403", "404", "500"])
def test_error_pages_render_without_any_context(code):
    assert render_to_string(f"{code}.html").count("<h1>") == 1
