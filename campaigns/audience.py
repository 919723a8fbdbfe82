"""Whom a campaign is for: its criteria, narrowed by segments, at one moment."""

import datetime as dt

from django.db.models import Q, QuerySet

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
    people = criteria.parse(definition.target_criteria).apply(people, shop=shop, now=now)
    included, excluded = Q(), Q()
    for link in definition.campaign_segments.select_related("segment"):
        members = criteria.parse(link.segment.criteria).apply(
            Customer.objects.for_shop(shop), shop=shop, now=now
        )
        if link.mode == Mode.INCLUDE:
            included |= Q(pk__in=members.values("pk"))
        else:
            excluded |= Q(pk__in=members.values("pk"))
    people = people.filter(included)
    return people.exclude(excluded) if excluded else people
