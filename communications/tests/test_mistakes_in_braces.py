"""What programs for texts make of braces unasked is said in words."""

import pytest
from django.core.exceptions import ValidationError

from communications import merge_fields

CURLY = "Write straight quotation marks: "
HYPHEN = " A name has underscores, no hyphens."


def refused(text: str) -> str:
    with pytest.raises(ValidationError) as found:
        merge_fields.validate(text)
    return found.value.messages[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{{ customer_first_name | default: “friend” }}",
            CURLY + '{{ customer_first_name | default: "friend" }}',
        ),
        (
            "{{ customer_first_name | default: \u2018friend\u2019 }}",
            CURLY + "{{ customer_first_name | default: 'friend' }}",
        ),
        (
            '{{ customer_first_name | default: "friend” }}',
            CURLY + '{{ customer_first_name | default: "friend" }}',
        ),
        (
            "{% if last_service_name == “Cut” %}x{% endif %}",
            CURLY + '{% if last_service_name == "Cut" %}',
        ),
        ("{{ customer-first-name }}", "Did you mean {{ customer_first_name }}?" + HYPHEN),
        (
            '{{ customer-first-name | default: "walk-in" }}',
            'Did you mean {{ customer_first_name | default: "walk-in" }}?' + HYPHEN,
        ),
        ("{% if visit-count > 3 %}x{% endif %}", "Did you mean {% if visit_count > 3 %}?" + HYPHEN),
        (
            "{{ customer_first\u200b_name }}",
            "There is an invisible character in {{ customer_first_name }} (zero width space): "
            "delete the words between the braces and write them anew.",
        ),
        (
            "{%\u200b if offer_code %}x{% endif %}",
            "There is an invisible character in {% if offer_code %} (zero width space): delete the "
            "words between the braces and write them anew.",
        ),
    ],
)
def test_the_mistake_itself_is_named(text, said):
    assert refused(text) == said


@pytest.mark.parametrize(
    "text",
    [
        '{{ customer_first_name | default: "it\u2019s you" }}',
        '{{ customer_first_name | default: "walk-in “guest”" }}',
        '{{ customer_first_name | default: "a\u200bb" }}',
        "{%- if visit_count > 3 -%}“x”{% endif %}",
    ],
)
def test_within_straight_quotation_marks_everything_may_stand(text):
    merge_fields.validate(text)


def test_other_mistakes_are_said_as_before():
    assert refused("{{ hello there }}").startswith("{{ hello there }} is not a merge field.")
    assert refused('{{ customer_first_name | default: "x }}').startswith("{{ is opened here")
