"""When visits to the links of one message are a program's."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communications.click_bursts import EVERY_LINK_TWICE, LINKS_AT_ONCE, Visit, reasons

START = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)


def visits(*told: tuple[str, float]) -> list[Visit]:
    """(link, seconds) pairs."""
    return [Visit(link, START + dt.timedelta(seconds=seconds)) for link, seconds in told]


@pytest.mark.parametrize(
    ("told", "links", "expected"),
    [
        # people
        ([], 2, []),
        ([("a", 0)], 1, [""]),
        ([("a", 0), ("b", 60)], 2, ["", ""]),
        ([("a", 0), ("b", 5.1)], 3, ["", ""]),
        ([("a", 0), ("a", 1), ("a", 2)], 2, ["", "", ""]),
        ([("a", 0), ("a", 3)], 1, ["", ""]),
        ([("a", 0), ("a", 1)], 0, ["", ""]),
        # programs
        ([("a", 0), ("b", 5)], 3, [LINKS_AT_ONCE] * 2),
        ([("b", 1), ("a", 0), ("c", 0)], 3, [LINKS_AT_ONCE] * 3),
        ([("a", 0), ("a", 1), ("b", 2), ("b", 3)], 2, [LINKS_AT_ONCE] * 4),
        ([("a", 0), ("a", 2)], 1, [EVERY_LINK_TWICE] * 2),
        ([("a", 0), ("a", 1), ("b", 20), ("b", 21)], 2, [EVERY_LINK_TWICE] * 4),
        # a person after a program
        ([("a", 0), ("b", 1), ("a", 30)], 2, [LINKS_AT_ONCE, LINKS_AT_ONCE, ""]),
        ([("a", 0), ("a", 0), ("a", 9)], 1, [EVERY_LINK_TWICE, EVERY_LINK_TWICE, ""]),
    ],
)
def test_visit_is_a_machines_when_it_is_one_of_many_at_once(told, links, expected):
    assert reasons(visits(*told), links=links) == expected


TOLD = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 90)), max_size=12)


@given(told=TOLD, links=st.integers(0, 3), order=st.randoms())
def test_order_in_which_visits_become_known_does_not_matter(told, links, order):
    straight = sorted(zip(visits(*told), reasons(visits(*told), links=links), strict=True), key=str)
    order.shuffle(told)

    shuffled = zip(visits(*told), reasons(visits(*told), links=links), strict=True)

    assert [(v, bool(r)) for v, r in sorted(shuffled, key=str)] == [
        (v, bool(r)) for v, r in straight
    ]


@given(told=TOLD, links=st.integers(0, 3), more=TOLD)
def test_further_visit_makes_no_machine_a_person_again(told, links, more):
    before = reasons(visits(*told), links=links)
    after = reasons(visits(*told, *more), links=links)[: len(told)]

    assert [bool(b) and not a for b, a in zip(before, after, strict=True)] == [False] * len(told)


def test_close_visits_to_two_links_are_found_by_comparing_each_with_each():
    told = visits(*((chr(97 + n * n % 3), n * n % 47) for n in range(40)))
    expected = [
        any(o.link != v.link and abs(o.at - v.at) <= dt.timedelta(seconds=5) for o in told)
        for v in told
    ]

    assert [bool(reason) for reason in reasons(told, links=0)] == expected
