"""Other words for some people of one arm: which of its variations each of them gets."""

import datetime as dt
from collections.abc import Collection, Mapping

from barbershop.any_of import AnyOf
from barbershop.models import Barbershop
from campaigns.experiments import Arm
from campaigns.models import CampaignVariant
from customers import criteria
from customers.models import Customer


def choose(
    variant: CampaignVariant, people: Collection[int], *, shop: Barbershop, now: dt.datetime
) -> dict[int, str]:
    """The name of the first variation whose criteria each customer meets; ``""`` for the arm's own.

    One query per variation, and none where the arm has no variations.

    Raises:
        customers.criteria.CriteriaError: when stored criteria cannot be read any more.
    """
    chosen: dict[int, str] = dict.fromkeys(people, "")
    left = sorted(chosen)
    for variation in variant.variations or ():
        if not left:
            break
        # The range is for the database: without it, it may read the whole shop for every chunk.
        asked = Customer.objects.filter(AnyOf("pk", left), pk__range=(left[0], left[-1]))
        parsed = criteria.parse(variation["criteria"])
        fitting = set(
            parsed.apply(asked, shop=shop, now=now).order_by().values_list("pk", flat=True)
        )
        chosen.update(dict.fromkeys(fitting, variation["name"]))
        left = [pk for pk in left if pk not in fitting]
    return chosen


def of_arms(arms: Mapping[int, Arm], *, shop: Barbershop, now: dt.datetime) -> dict[int, str]:
    """The same for everybody who was drawn for some arm; only who has other words is named."""
    by_variant: dict[CampaignVariant, list[int]] = {}
    for pk, arm in arms.items():
        if arm.variant is not None and arm.variant.variations:
            by_variant.setdefault(arm.variant, []).append(pk)
    return {
        pk: name
        for variant, people in by_variant.items()
        for pk, name in choose(variant, people, shop=shop, now=now).items()
        if name
    }
