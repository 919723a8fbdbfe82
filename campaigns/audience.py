"""Whom a campaign is for: its criteria, narrowed by segments, at one moment."""

import datetime as dt

from django.db.models import QuerySet

from campaigns.models import CampaignDefinition, CampaignSegment
from customers import criteria
from customers.models import Customer

Mode = CampaignSegment.Mode


def select(definition: CampaignDefinition, *, now: dt.datetime) -> QuerySet[Customer]:
    """Customers who match at ``now``: the criteria, any included segment, no excluded one.

    Whoever was recorded after ``now`` is left out, so that an execution that is resumed later
    still has the audience of its start.

    Raises:
        customers.criteria.CriteriaError: when the stored criteria cannot be read any more.
    """
    shop = definition.shop
    people = Customer.objects.for_shop(shop).present().filter(created_at__lte=now)
    root = criteria.parse(definition.target_criteria).root
    included, excluded = [], []
    for link in definition.campaign_segments.select_related("segment"):
        members = criteria.parse(link.segment.criteria).root
        (included if link.mode == Mode.INCLUDE else excluded).append(members)
    # One tree: a segment is asked like everything else, and never as a list of its people.
    anywhere = (criteria.AnyOf(tuple(included)),) if included else ()
    meant = criteria.All((root, *anywhere, *map(criteria.Not, excluded)))
    return criteria.Criteria(meant).apply(people, shop=shop, now=now)
