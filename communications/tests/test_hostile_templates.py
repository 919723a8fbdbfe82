"""X-01: whatever is written into a template, none of it is evaluated, and it takes no time."""

import time
from html import unescape

import pytest
from django.core.exceptions import ValidationError

from communications import blocks, merge_fields, rendering
from communications.tests.drafted import draft, row
from communications.tests.hostile_templates import LITERAL, REFUSED

WELL_UNDER = 1.0  # second of the processor, so that other programs make no difference


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_template_is_refused_in_words_and_at_once(name):
    started = time.thread_time()

    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(REFUSED[name])
    with pytest.raises(ValidationError):
        merge_fields.validate(f"<p>{REFUSED[name]}</p>", is_html=True)

    assert time.thread_time() - started < WELL_UNDER
    (said,) = refused.value.messages
    assert 10 < len(said) < 800


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_template_that_was_stored_before_is_not_evaluated_either(name):
    started = time.thread_time()

    sent = rendering.render_email(draft(REFUSED[name]), row("Sam"))

    assert time.thread_time() - started < WELL_UNDER
    for said in ("49", "haha", "root:", "__main__"):
        assert said not in sent.text.replace(REFUSED[name], "").partition("\n--\n")[0]


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


_WHENS = "".join(f"{{% when 'a{n}', 'b{n}', 'c{n}', 'd{n}', 'e{n}' %}}x" for n in range(198))
_MANY_WORDS = f"{{% case customer_first_name %}}{_WHENS}{{% endcase %}}"


@pytest.mark.parametrize(
    "text",
    [
        "{% if visit_count > 1 %}<p>x</p>{% endif %}" * 100,
        "{% if visit_count > 1 %}a" + "{% elsif visit_count == 9 %}b" * 198 + "{% endif %}",
        "{% case customer_first_name %}" + "{% when 'a' %}b" * 198 + "{% endcase %}",
        _MANY_WORDS,
        "{{ customer_first_name | upcase | downcase }}" * 1_000,
        "".join(f"<a href='https://a.example/{n}'>x</a>" for n in range(2_600)),
        "{% if visit_count > 1 %}" * 10 + "x" + "{% endif %}" * 10,
        "{% if " + " or ".join(["visit_count > 1"] * 15) + " %}x{% endif %}",
        "{{ customer_first_name | default: '" + "x" * 1_900 + "' | truncate: 999999999 }}" * 45,
        "<" * 99_000,
        "&" * 99_000,
        "&" * 99_000 + "{{ customer_first_name }}",
        "<p " + " ".join(f"a{n}=1" for n in range(12_000)) + ">x</p>",
        "<a href='https://x.example/{{ offer_code }}'>x</a>" * 900,
        "<div>" * 4_900 + "x",
        "x" + "<!--" * 20_000,
    ],
)
def test_what_is_allowed_takes_no_time_either_at_its_largest(text):
    blocks.sanitised.cache_clear()
    started = time.thread_time()

    merge_fields.validate(text, is_html=True)
    kept = blocks.sanitised(text)
    made = draft(blocks.text_of_html(kept), html=text)
    rendering.render_email(made, row("Sam", fact_visit_count=0))

    assert time.thread_time() - started < WELL_UNDER


def test_html_of_more_elements_than_a_parser_reads_in_time_is_refused():
    with pytest.raises(blocks.MarkupError, match=r"At most 5,000 elements\."):
        blocks.sanitised("<div>" * 19_000 + "x")
