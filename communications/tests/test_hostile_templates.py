"""X-01: whatever is written into a template, none of it is evaluated, and it takes little work.

How many seconds that is, ``python -m benchmarks.hostile`` shows.
"""

from html import unescape

import pytest
from django.core.exceptions import ValidationError

from barbershop.tests.steps import within
from communications import blocks, merge_fields, rendering
from communications.tests.drafted import draft, row
from communications.tests.hostile_templates import LARGEST, LITERAL, REFUSED


def most_calls(text: str) -> int:
    """Four times what the costliest of them takes, and far below what grows with its square."""
    return 20_000 + 100 * len(text)


@pytest.fixture(autouse=True, scope="module")
def _warm():
    """What the first of all does once for all does not count."""
    rendering.render_email(draft("x", html="<p>x</p>"), row("Sam"))


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_template_is_refused_in_words_and_at_once(name):
    text, page = REFUSED[name], f"<p>{REFUSED[name]}</p>"
    said = []

    def validate() -> None:
        with pytest.raises(ValidationError) as refused:
            merge_fields.validate(text)
        said.extend(refused.value.messages)
        with pytest.raises(ValidationError):
            merge_fields.validate(page, is_html=True)

    within(most_calls(text), validate)

    assert len(said) == 1
    assert 10 < len(said[0]) < 800


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_template_that_was_stored_before_is_not_evaluated_either(name):
    text = REFUSED[name]

    sent = within(most_calls(text), lambda: rendering.render_email(draft(text), row("Sam")))

    for said in ("49", "haha", "root:", "__main__"):
        assert said not in sent.text.replace(text, "").partition("\n--\n")[0]


@pytest.mark.parametrize("name", LITERAL)
def test_what_is_no_liquid_goes_out_as_it_stands(name):
    text = LITERAL[name]
    merge_fields.validate(text)

    sent = rendering.render_email(draft(text, subject=text), row("Sam"))

    assert sent.subject == text
    assert sent.text.startswith(f"{text}\n\n--\n")
    assert f"<p>{text}</p>" in unescape(sent.html) or "<%" in text or "&" in text
    assert "Sam" not in sent.html


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ("<p>a</p><script>alert(1)</script>", "alert"),
        ("<p onclick='x()'>a</p>", "onclick"),
        ("<a href='javascript:alert(1)'>a</a>", "javascript"),
        ("<a href='  JaVaScRiPt:alert(1)'>a</a>", "alert"),
        ("<a href='data:text/html,x'>a</a>", "data:"),
        ("<p>a</p><form action='/x'><input name=a></form>", "<form"),
        ("<p>a</p><iframe src='https://x.example/'></iframe>", "iframe"),
        ("<style>@import url(https://x.example/)</style><p>a</p>", "import"),
        ("<p style='background:url(https://x.example/)'>a</p>", "x.example"),
        ("<p style='position:fixed;color:red'>a</p>", "fixed"),
        ("<p style='margin-top:-900px'>a</p>", "-900"),
        ("<p>a</p><link rel=stylesheet href=https://x.example/>", "stylesheet"),
        ("<p>a</p><meta http-equiv=refresh content='0;url=https://x.example/'>", "refresh"),
        ("<p>a</p><base href=https://x.example/>", "<base"),
        ("<p>a</p><svg onload=alert(1)><a xlink:href='javascript:x'/></svg>", "svg"),
        ("<img src='https://x.example/a.png' onerror=alert(1)>", "onerror"),
        ("<img src=data:image/png;base64,AA alt=a>", "data:"),
        ("<p>a</p><!-- secret --><!--[if mso]><p>b</p><![endif]-->", "mso"),
        ("<p>a</p></body></html><p>b", "</body>"),
    ],
)
def test_brought_html_keeps_nothing_that_acts(html, gone):
    kept = blocks.sanitised(html)

    assert gone not in kept
    assert kept


@pytest.mark.parametrize(
    "html",
    [
        "<p class='{{ customer_first_name }}'>a</p>",
        "<p style='color:{{ customer_first_name }}'>a</p>",
        "<img src='https://x.example/{{ customer_first_name }}.png'>",
        "<a href='{{ customer_first_name }}'>a</a>",
        "<a href='{{ customer_first_name }}:alert(1)'>a</a>",
        "<a href='{% if visit_count > 1 %}javascript{% endif %}:alert(1)'>a</a>",
        "<a href='{% if visit_count > 1 %}https://x.example/'>a</a>{% endif %}",
        "<table>{% if visit_count > 1 %}<tr><td>a</td>{% endif %}</tr></table>",
        "<p>a</p><!-- {{ customer_first_name }} -->",
        "<p {{ customer_first_name }}>a</p>",
        "<p>{% if visit_count > 1 %}a</p>{% endif %}",
        "{% if visit_count > 1 %}<div>{% endif %}a</div>",
        "<script>{{ customer_first_name }}</script><p>a</p>",
        "<script>x</script>",
    ],
)
def test_liquid_where_it_cannot_be_made_safe_is_refused(html):
    merge_fields.validate(html, is_html=True)

    with pytest.raises(blocks.MarkupError) as refused:
        blocks.sanitised(html)

    assert len(str(refused.value)) > 30


def test_a_condition_may_hold_the_row_of_a_table():
    html = (
        "<table><tbody>{% if visit_count > 1 %}<tr><td>{{ customer_first_name }}</td></tr>"
        "{% endif %}</tbody></table><!-- gone -->"
    )

    assert blocks.sanitised(html) == html.removesuffix("<!-- gone -->")


@pytest.mark.parametrize("text", LARGEST)
def test_what_is_allowed_takes_little_work_too_at_its_largest(text):
    blocks.sanitised.cache_clear()

    def send() -> None:
        merge_fields.validate(text, is_html=True)
        kept = blocks.sanitised(text)
        made = draft(blocks.text_of_html(kept), html=text)
        rendering.render_email(made, row("Sam", fact_visit_count=0))

    within(most_calls(text), send)


def test_html_of_more_elements_than_a_parser_reads_in_time_is_refused():
    with pytest.raises(blocks.MarkupError, match=r"At most 5,000 elements\."):
        blocks.sanitised("<div>" * 19_000 + "x")
