import pytest
from django.core.exceptions import ValidationError

from communications import merge_fields


def test_every_spelling_of_a_field_is_accepted():
    merge_fields.validate(
        "{{customer_first_name}} {{ shop_name }} {{ offer_code | default: 'none' }}"
        '{{barber_first_name|default:"Tony"}}'
    )


def test_an_unknown_field_is_refused_naming_the_nearest():
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate("Hi {{ customer_firstname }}")

    assert refused.value.messages == [
        "{{ customer_firstname }} is not a merge field. Did you mean {{ customer_first_name }}?"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "}}",
        "{{ }}",
        "{{ shop_name",
        "{{ shop.name }}",
        "{% if x %}",
        "{{ shop_name | up }}",
        "{{shop_name}}}",
        "{{{shop_name}}",
        "{{{ shop_name }}}",
        "Hi {{{{ shop_name }}}}",
    ],
)
def test_braces_that_hold_something_else_are_refused(text):
    with pytest.raises(ValidationError):
        merge_fields.validate(text)


def test_text_without_braces_is_accepted():
    merge_fields.validate("20% off { today } only")


def test_a_field_that_is_like_none_lists_the_known_ones():
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate("Hi {{ zzz }}")

    (said,) = refused.value.messages
    assert said.startswith("{{ zzz }} is not a merge field. Known are: customer_first_name, ")
    assert said.endswith(", referral_link.")


def test_one_brace_beside_a_field_with_a_space_between_is_text():
    merge_fields.validate("{ {{ shop_name }} }")
