"""Who gets which arm: a stable hash, so that asking twice gives the same answer."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from campaigns.models import CampaignDefinition, CampaignVariant

_SPAN = 2**64


@dataclass(frozen=True)
class Arm:
    """What one person was drawn for; ``variant`` is None exactly for the held out."""

    variant: CampaignVariant | None

    @property
    def is_holdout(self) -> bool:
        return self.variant is None


HELD_OUT = Arm(None)


def assign(
    *,
    definition: CampaignDefinition,
    variants: Sequence[CampaignVariant],
    customer_ids: Iterable[int],
) -> dict[int, Arm]:
    """The arm of each customer, before any question whether he may be written to.

    Two independent halves of SHA-256 over shop, campaign and customer decide: the first whether
    he is held out, the second which variant he gets, in proportion to the weights.
    """
    prefix = f"{definition.shop_id}:{definition.pk}:"
    held_out_below = definition.holdout_percent * _SPAN // 100
    reached = list(accumulate(variant.weight for variant in variants))
    limits = [weight * _SPAN // reached[-1] for weight in reached]
    arms = [Arm(variant) for variant in variants]
    drawn = {}
    for customer_id in customer_ids:
        digest = hashlib.sha256(f"{prefix}{customer_id}".encode()).digest()
        if int.from_bytes(digest[:8]) < held_out_below:
            drawn[customer_id] = HELD_OUT
        else:
            drawn[customer_id] = arms[bisect_right(limits, int.from_bytes(digest[8:16]))]
    return drawn
