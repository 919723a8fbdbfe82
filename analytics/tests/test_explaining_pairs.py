"""The explainer is the engine and the forecast is the fact, in random worlds; the long version is
``python -m benchmarks.explaining``."""

import pytest

from benchmarks.explaining import agreement, world

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours, pytest.mark.long]


def frozen_world(seed, *, people, campaigns):
    found = world.build(seed=seed, people=people, campaigns=campaigns)
    moments = agreement.moments(found)
    pairs = zip(found.campaigns, moments, strict=True)
    return found, [agreement.freeze(definition, now=now) for definition, now in pairs]


def test_explainer_says_of_600_random_pairs_what_the_ledger_says():
    found, frozen = frozen_world(11, people=40, campaigns=15)

    wrong = [line for each in frozen for line in agreement.disagreements(each, found.people)]

    assert wrong == []
    said = {row[0] for each in frozen for rows in each.rows.values() for row in rows.values()}
    # Which of them are met hangs on the ids.
    expected = {"frequency_cap", "no_consent", "duplicate_address", "excluded", "render_error"}
    assert "" in said
    assert len(expected & said) >= 3


def test_forecast_of_random_campaigns_is_the_fact_bucket_by_bucket():
    # Which of them meet which rule hangs on the ids: together they meet what has to be met.
    frozen = [each for seed in (21, 22) for each in frozen_world(seed, people=120, campaigns=12)[1]]

    written = [each for each in frozen if each.fact]
    blocked = {
        (channel.channel, reason)
        for each in written
        for channel in each.fact.channels
        for reason in channel.blocked
    }
    assert {("email", "render_error"), ("sms", "render_error")} <= blocked
    assert len(written) > 12
    for each in written:
        assert agreement.buckets(each.forecast) == agreement.buckets(each.fact), each.definition
