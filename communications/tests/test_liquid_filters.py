"""What a filter makes of a value, and which numbers it is refused with."""

import pytest
from django.core.exceptions import ValidationError

from communications import merge_fields, rendering
from communications.tests.drafted import draft, row, shop


def said(text, **values):
    """A text message that names its shop and says how to stop, so that nothing is added."""
    prepared = draft(f"Main {text}| Reply STOP", at=shop(name="Main"), channel="sms")
    whole = rendering.render_sms(prepared, row(**values))
    return whole.removeprefix("Main ").removesuffix("| Reply STOP")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DeShawn", "DeShawn"),
        ("JT", "JT"),
        ("McKenzie", "McKenzie"),
        ("O'Neil", "O'Neil"),
        ("tony", "Tony"),
        ("ßeta", "Sseta"),
        ("\u00e9lodie ann", "\u00c9lodie ann"),
        ("", "Your barber"),
    ],
)
def test_capitalize_changes_the_first_letter_and_leaves_the_rest(name, expected):
    text = "{{ barber_first_name | capitalize }}"
    merge_fields.validate(text)

    assert said(text, customer__preferred_barber__first_name=name) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("truncate", "Benjamin"),
        ("truncate: 9", "Benjamin"),
        ("truncate: 8", "Benjamin"),
        ("truncate: 7", "Benj..."),
        ("truncate: 4", "B..."),
        ('truncate: 2, "x"', "Bx"),
        ('truncate: 1, ""', "B"),
        ('truncate: 8, "and so on"', "Benjamin"),
        # As they were stored before they were refused.
        ("truncate: 3", "Ben"),
        ("truncate: 2", "Be"),
        ("truncate: 0", ""),
        ("truncate: -5", ""),
        ('truncate: 3, "and so on"', "Ben"),
    ],
)
def test_truncate_never_writes_more_characters_than_asked(asked, expected):
    assert said(f"{{{{ customer_first_name | {asked} }}}}", name="Benjamin") == expected


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "truncate: 2",
            'truncate: 2 leaves no room: 3 of its characters are the ending "...". Write '
            'truncate: 4 or more, or truncate: 2, "" without an ending.',
        ),
        (
            "truncate: 0",
            'truncate: 0 leaves no room: 3 of its characters are the ending "...". Write '
            "truncate: 4 or more.",
        ),
        (
            "truncate: 3, 'more'",
            'truncate: 3 leaves no room: 4 of its characters are the ending "more". Write '
            'truncate: 5 or more, or truncate: 3, "" without an ending.',
        ),
        ("truncate: 0, ''", "truncate: 0 leaves nothing. Write truncate: 1 or more."),
        ("truncate: 4.5", "truncate takes a whole number of characters."),
    ],
)
def test_truncate_without_room_for_its_ending_is_refused(asked, message):
    with pytest.raises(ValidationError) as refused:
        merge_fields.validate(f"{{{{ customer_first_name | {asked} }}}}")

    assert refused.value.messages == [message]


@pytest.mark.parametrize("asked", ["truncate: 4", "truncate: 2, '.'", "truncate: 1, ''"])
def test_truncate_with_room_for_one_character_is_accepted(asked):
    merge_fields.validate(f"{{{{ customer_first_name | {asked} }}}}")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("{{ shop_name }}", "Cedar Street Hi Reply STOP"),
        ("{{ shop_name | upcase }}", "CEDAR STREET Hi Reply STOP"),
        ('{{ shop_name | default: "us" | downcase }}', "cedar street Hi Reply STOP"),
        ("{{ shop_name | truncate: 3, 'x' }}", "Cedar Street: Cex Hi Reply STOP"),
        ("{{ shop_name | upcase | truncate: 40 }}", "Cedar Street: CEDAR STREET Hi Reply STOP"),
        ("{{ shop_name | date: '%Y' }}", "Cedar Street: Cedar Street Hi Reply STOP"),
    ],
)
def test_a_shop_is_named_only_by_a_filter_that_leaves_its_whole_name(field, expected):
    prepared = draft(f"{field} Hi Reply STOP", at=shop(name="Cedar Street"), channel="sms")

    assert rendering.render_sms(prepared, row()) == expected


@pytest.mark.parametrize(
    "name",
    ["\u200b", "\u200b\u200d\ufeff", "\u00ad", "\u2060", "\u3164", "\u2800", " \u00a0", "\n"],
)
def test_a_name_of_which_nothing_is_seen_gets_the_fallback(name):
    text = (
        "{{ customer_first_name }}, {{ customer_first_name | default: 'pal' }}, "
        "{{ customer_first_name | upcase }}, "
        "{% if customer_first_name %}a name{% else %}none{% endif %}"
    )

    assert said(text, name=name) == "there, pal, THERE, none"
    assert draft("{{ customer_last_name }}").missing(row(customer__last_name=name)) == {
        "customer_last_name"
    }


def test_a_name_with_something_to_see_keeps_its_invisible_characters():
    assert (
        said("{{ customer_first_name }}", name="S\u200ba\u200cm\u200d") == "S\u200ba\u200cm\u200d"
    )
