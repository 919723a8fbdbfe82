"""Stored criteria name only what the shop has; segments within segments end."""

import pytest
from django.utils import timezone

from barbershop.tests.api import token_client
from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from campaigns import readiness
from campaigns.tests.factories import EMAIL, DefinitionFactory
from customers import criteria, tagging
from customers.criteria import CriteriaError
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db


def test_rows_of_another_shop_are_refused_where_they_are_named(shop):
    for owner, refused in ((shop, False), (ShopFactory(), True)):
        barber, service = BarberFactory(shop=owner), ServiceFactory(shop=owner)
        segment, campaign = SegmentFactory(shop=owner), DefinitionFactory(shop=owner)
        for raw, path in (
            ({"preferred_barber": barber.pk}, "preferred_barber"),
            ({"visit_count": {"min": 1, "barber": barber.pk}}, "visit_count.barber"),
            ({"visit_count": {"min": 1, "service": service.pk}}, "visit_count.service"),
            ({"any": [{"in_segment": segment.pk}]}, "any.0.in_segment"),
            ({"not": {"clicked": {"campaign": campaign.pk}}}, "not.clicked.campaign"),
        ):
            parsed = criteria.parse(raw)
            if not refused:
                criteria.check(parsed, shop=shop)
                continue
            with pytest.raises(CriteriaError, match="in this shop") as refusal:
                criteria.check(parsed, shop=shop)
            assert refusal.value.path == path


def test_word_of_what_is_stored_is_not_refused_for_one_that_came_later(shop):
    rules = {"not": {"tags": "weekenders"}, "preferred_barber": "nobody"}
    tagging.add_tags([(CustomerFactory(shop=shop), "Weekender")], shop=shop)
    parsed = criteria.parse(rules)

    with pytest.raises(CriteriaError, match="Did you mean"):
        criteria.check(criteria.parse({"tags": "weekenders"}), shop=shop)
    with pytest.raises(CriteriaError, match="no barber nobody"):
        criteria.check(parsed, shop=shop, stored=parsed)


def test_draft_is_ready_though_a_word_like_its_own_came_into_use(shop):
    draft = DefinitionFactory(shop=shop, target_criteria={"not": {"tags": "weekenders"}})
    tagging.add_tags([(CustomerFactory(shop=shop), "Weekender")], shop=shop)

    readiness.check(draft, now=timezone.now())


def test_segment_is_not_made_of_itself_and_a_ring_holds_nobody(shop):
    person = CustomerFactory(shop=shop)
    first, second = SegmentFactory(shop=shop), SegmentFactory(shop=shop)
    second.criteria = {"in_segment": first.pk}
    second.save()
    ring = criteria.parse({"in_segment": second.pk})
    criteria.check(ring, shop=shop)

    with pytest.raises(CriteriaError, match="made of itself") as refusal:
        criteria.check(ring, shop=shop, segment=first.pk)
    assert refusal.value.path == "in_segment"

    first.criteria = {"in_segment": second.pk}
    first.save()
    assert list(ring.select(shop=shop)) == []
    assert [finding.found for finding in ring.findings(person)] == ["in none of them"]
    assert ring.turning_points(person) == []


def test_segments_that_say_too_much_together_are_refused(shop):
    inner = SegmentFactory(shop=shop, criteria={"any": [{"tags": "vip"}] * 100})
    outer = SegmentFactory(shop=shop, criteria={"any": [{"in_segment": inner.pk}] * 20})

    with pytest.raises(CriteriaError, match="more than 1000 things"):
        criteria.check(criteria.parse({"in_segment": outer.pk}), shop=shop)


def test_campaign_api_refuses_a_foreign_segment(shop):
    theirs = SegmentFactory()

    answer = token_client(shop).post(
        "/api/campaigns/",
        {
            "campaign_name": "Spring",
            "campaign_type": "email",
            "channels": EMAIL,
            "target_criteria": {"in_segment": theirs.pk},
        },
        format="json",
    )

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["target_criteria.in_segment"]


@pytest.mark.parametrize(
    ("raw", "clause"),
    [
        ({"received": {}}, "who received any message"),
        (
            {"received": {"times": 2, "channel": ["email", "sms"], "days": 2}},
            "who received at least 2 email or SMS messages in the last 2 days",
        ),
        (
            {"opened": {"times": 1, "channel": "email", "days": 1}},
            "who opened any email message in the last day",
        ),
        (
            {"opened": {"times": 2, "days": 90}},
            "who opened at least 2 messages in the last 90 days",
        ),
        ({"clicked": {"campaign": [3, 4]}}, "who clicked in any message of campaign 3 or 4"),
        (
            {"replied": {"channel": "sms", "days": 1}},
            "who answered any SMS message in the last day",
        ),
    ],
)
def test_engagement_says_what_is_asked(raw, clause):
    assert criteria.parse(raw).sentence() == f"Customers {clause}."
    assert criteria.parse({"not": raw}).sentence() == f"All customers, but not those {clause}."


def test_engagement_names_the_shops_campaigns(shop):
    spring, gone = DefinitionFactory(shop=shop, name="Spring"), DefinitionFactory(shop=shop)
    theirs = DefinitionFactory(name="Secret")
    ids = [spring.pk, gone.pk, theirs.pk]
    gone.delete()

    for name, verb in (
        ("received", "received"),
        ("opened", "opened"),
        ("clicked", "clicked in"),
        ("replied", "answered"),
    ):
        asked = criteria.parse({name: {"campaign": ids, "days": 9}})
        assert asked.sentence(criteria.Names(shop)) == (
            f'Customers who {verb} any message of campaign "Spring", {ids[1]} (gone) or '
            f"{ids[2]} (gone) in the last 9 days."
        )


def test_names_of_campaigns_are_one_query(shop, django_assert_num_queries):
    ids = [DefinitionFactory(shop=shop, name=name).pk for name in ("Spring", "Summer")]
    names = criteria.Names(shop)

    with django_assert_num_queries(1):
        said = [criteria.parse({"opened": {"campaign": pk}}).sentence(names) for pk in ids]

    assert said == [
        'Customers who opened any message of campaign "Spring".',
        'Customers who opened any message of campaign "Summer".',
    ]
