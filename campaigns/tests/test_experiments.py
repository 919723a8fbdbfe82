import pytest

from campaigns.experiments import assign
from campaigns.models import CampaignDefinition, CampaignVariant

PEOPLE = range(1, 20_001)


def drawn(*, pk=7, shop_id=3, holdout=0, weights=(1,)):
    definition = CampaignDefinition(pk=pk, shop_id=shop_id, holdout_percent=holdout)
    variants = [
        CampaignVariant(label=label, weight=weight)
        for label, weight in zip("ABC", weights, strict=False)
    ]
    return assign(definition=definition, variants=variants, customer_ids=PEOPLE)


def labels(arms):
    return {pk: arm.variant.label if arm.variant else None for pk, arm in arms.items()}


def test_asking_twice_draws_the_same():
    assert labels(drawn(holdout=10, weights=(1, 1))) == labels(drawn(holdout=10, weights=(1, 1)))


def test_single_arm_without_hold_out_gets_everybody():
    assert set(labels(drawn()).values()) == {"A"}


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_hold_out_has_its_share(percent):
    held = sum(arm.is_holdout for arm in drawn(holdout=percent).values())

    assert held / len(PEOPLE) == pytest.approx(percent / 100, abs=0.01)


def test_variants_share_in_proportion_to_their_weights():
    arms = list(labels(drawn(weights=(1, 1, 2))).values())

    assert arms.count("A") / len(PEOPLE) == pytest.approx(0.25, abs=0.015)
    assert arms.count("C") / len(PEOPLE) == pytest.approx(0.5, abs=0.015)


def test_hold_out_does_not_tilt_the_variants():
    arms = list(labels(drawn(holdout=50, weights=(1, 1))).values())

    assert arms.count("A") / arms.count("B") == pytest.approx(1, abs=0.05)


def test_another_campaign_and_another_shop_draw_anew():
    first = labels(drawn(weights=(1, 1)))

    for other in (drawn(pk=8, weights=(1, 1)), drawn(shop_id=4, weights=(1, 1))):
        same = sum(first[pk] == label for pk, label in labels(other).items())
        assert same / len(PEOPLE) == pytest.approx(0.5, abs=0.02)


def test_growing_the_hold_out_keeps_whoever_was_held_out():
    few = {pk for pk, arm in drawn(holdout=5).items() if arm.is_holdout}
    many = {pk for pk, arm in drawn(holdout=20).items() if arm.is_holdout}

    assert few < many
