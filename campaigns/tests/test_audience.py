import datetime as dt

import pytest
from django.utils import timezone

from campaigns import audience
from campaigns.models import CampaignSegment
from campaigns.tests.factories import DefinitionFactory
from customers.models import Customer, CustomerTag, Tag
from customers.tests.factories import AppointmentFactory, CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def definition():
    return DefinitionFactory()


def chosen(definition, now=None):
    return set(audience.select(definition, now=now or timezone.now()))


def tagged(shop, name):
    tag, _ = Tag.objects.get_or_create(shop=shop, name=name)
    person = CustomerFactory(shop=shop)
    CustomerTag.objects.create(shop=shop, customer=person, tag=tag)
    return person


def segment(definition, tag, mode="include"):
    found = SegmentFactory(shop=definition.shop, criteria={"tags": [tag]})
    CampaignSegment.objects.create(
        shop=definition.shop, definition=definition, segment=found, mode=mode
    )


def test_no_criteria_choose_everybody_of_the_shop_and_nobody_else(definition):
    mine = CustomerFactory.create_batch(2, shop=definition.shop)
    CustomerFactory()  # another shop's

    assert chosen(definition) == set(mine)


def test_criteria_narrow_the_audience(definition):
    lately, long_ago, _never = CustomerFactory.create_batch(3, shop=definition.shop)
    AppointmentFactory(customer=lately, days_ago=10)
    AppointmentFactory(customer=long_ago, days_ago=60)
    definition.target_criteria = {"last_visit_days": {"min": 30, "max": 90}}

    assert chosen(definition) == {long_ago}


def test_included_segments_add_up_and_excluded_ones_take_away(definition):
    red, blue = tagged(definition.shop, "red"), tagged(definition.shop, "blue")
    both = tagged(definition.shop, "red")
    green = Tag.objects.create(shop=definition.shop, name="green")
    CustomerTag.objects.create(shop=definition.shop, customer=both, tag=green)
    CustomerFactory(shop=definition.shop)
    segment(definition, "red")
    segment(definition, "blue")
    segment(definition, "green", mode="exclude")

    assert chosen(definition) == {red, blue}


def test_segments_and_criteria_must_both_hold(definition):
    red = tagged(definition.shop, "red")
    tagged(definition.shop, "red")
    AppointmentFactory(customer=red, days_ago=60)
    segment(definition, "red")
    definition.target_criteria = {"last_visit_days": {"min": 30}}

    assert chosen(definition) == {red}


def test_customer_recorded_after_the_start_is_left_out(definition):
    early = CustomerFactory(shop=definition.shop)
    now = timezone.now()
    late = CustomerFactory(shop=definition.shop)
    Customer.objects.filter(pk=late.pk).update(created_at=now + dt.timedelta(seconds=1))

    assert chosen(definition, now=now) == {early}


def test_erased_customer_is_left_out(definition):
    CustomerFactory(shop=definition.shop, erased_at=timezone.now())

    assert chosen(definition) == set()
