"""The database's answer to random criteria, against a plain-Python reading of the same words."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.tests.criteria_worlds import draws
from campaigns.tests.criteria_worlds.oracle import Oracle
from campaigns.tests.criteria_worlds.world import HAIR, NOW, build
from customers import criteria
from customers.criteria import view
from customers.models import Customer

pytestmark = pytest.mark.django_db

# One world serves all examples of a test: criteria change nothing in it.
ONE_WORLD = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SUMMED = frozenset(
    {
        "last_visit_days",
        "first_visit_on",
        "visit_count",
        "overdue_ratio",
        "total_spent",
        "average_ticket",
        "spending_tier",
    }
)
MOMENTS = st.sampled_from(
    [NOW, NOW + HAIR, NOW - HAIR, NOW + dt.timedelta(days=5), NOW + dt.timedelta(days=390)]
)


@pytest.fixture(params=["thirds", "fixed", "crowded"])
def world(request, monkeypatch):
    """In the crowded one more visits lie ahead than a view lists: nothing goes by summaries."""
    if request.param == "crowded":
        monkeypatch.setattr(view, "MOST_AHEAD", 0)
    return build(12 if request.param == "fixed" else 11, fixed_tiers=request.param == "fixed")


def test_every_fact_is_drawn(world):
    assert set(draws.leaves(world)) == set(criteria.FACTS)


def test_each_fact_alone_selects_whom_plain_python_selects(world):
    oracle = Oracle(world)
    leaves = draws.leaves(world)

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(st.data(), st.sampled_from(sorted(leaves)), MOMENTS)
    def ask(data, name, now):
        agree(oracle, {name: data.draw(leaves[name])}, now)

    ask()


def test_trees_select_whom_plain_python_selects(world):
    oracle = Oracle(world)

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(draws.trees(world), MOMENTS)
    def ask(raw, now):
        agree(oracle, raw, now)

    ask()


def test_sums_stand_beside_each_other_anywhere_also_for_who_never_came(world):
    """They come from one joined row, which those who never came nor paid do not have."""
    oracle = Oracle(world)

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(draws.trees(world, facts=SUMMED), st.sampled_from([NOW, NOW + dt.timedelta(days=390)]))
    def ask(raw, now):
        agree(oracle, raw, now)

    ask()


def agree(oracle: Oracle, raw: dict, now: dt.datetime) -> None:
    understood = criteria.parse(raw)
    criteria.check(understood, shop=oracle.shop)
    expected = oracle.matching(raw, now=now)

    assert (
        set(understood.select(shop=oracle.shop, now=now).values_list("pk", flat=True)) == expected
    )
    # The same condition may stand anywhere, also beneath "not".
    others = Customer.objects.for_shop(oracle.shop).exclude(pk__in=expected)
    left = Customer.objects.for_shop(oracle.shop).filter(~understood.q(shop=oracle.shop, now=now))
    assert set(left.values_list("pk")) == set(others.values_list("pk"))


def test_findings_make_up_the_verdict(world):
    people = list(Customer.objects.for_shop(world.shop))

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(draws.trees(world), st.sampled_from(people), MOMENTS)
    def ask(raw, person, now):
        understood = criteria.parse(raw)
        one = Customer.objects.filter(pk=person.pk)
        found = understood.findings(person, now=now)
        verdict = understood.apply(one, shop=world.shop, now=now).exists()
        assert understood.holds(found) == verdict
        assert [finding.path for finding in found] == [term.path for term in understood.terms]
        assert all(finding.found and finding.sentence for finding in found)

    ask()


def test_nothing_changes_by_time_alone_between_two_turning_points(world):
    people = list(Customer.objects.for_shop(world.shop))
    leaves = draws.leaves(world)
    # Others' payments ahead of their time move the bounds of thirds, as documented.
    names = sorted(set(leaves) - {"spending_tier", "in_segment"})

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(st.data(), st.sampled_from(names), st.sampled_from(people))
    def ask(data, name, person):
        understood = criteria.parse({name: data.draw(leaves[name])})
        one = Customer.objects.filter(pk=person.pk)
        turns = understood.turning_points(person, now=NOW)
        assert turns == sorted(set(turns))
        ends = [NOW, *turns, NOW + dt.timedelta(days=366)]
        for start, end in pairwise(ends[:10]):
            inside = [start, start + (end - start) / 2, end - HAIR]
            verdicts = {
                one.filter(understood.q(shop=world.shop, now=at)).exists()
                for at in inside
                if start <= at < end
            }
            assert len(verdicts) == 1, (start, end)

    ask()
