"""Codes on a customer's page: why he has each, and that nobody has told him of a reward."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import MembershipFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.models import Referral
from campaigns.tests.factories import (
    DefinitionFactory,
    ExecutionFactory,
    OfferCodeFactory,
    OfferFactory,
)
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
TELL = "No message says so: tell at the next visit"


@pytest.fixture
def staff(client, shop):
    client.force_login(MembershipFactory(shop=shop, role="staff").user)
    return client


def test_customer_page_says_why_each_has_a_code_and_that_no_message_tells_of_a_reward(staff, shop):
    sam = CustomerFactory(shop=shop, first_name="Sam", last_name="Taylor")
    ana = CustomerFactory(shop=shop, first_name="Ana", last_name="Friend")
    campaign = DefinitionFactory(shop=shop, name="Summer")
    offer = OfferFactory(shop=shop)
    brought = Referral.objects.create(shop=shop, referrer=sam, friend=ana, offer=offer)
    for person in (sam, ana):
        OfferCodeFactory(offer=offer, customer=person, referral=brought)
    run = ExecutionFactory(definition=campaign)
    OfferCodeFactory(offer=offer, customer=ana, execution=run)

    of_sam = staff.get(f"/customers/{sam.pk}/")
    of_ana = staff.get(f"/customers/{ana.pk}/")

    assert [each.reason for each in of_sam.context["codes"]] == ["brought_a_friend"]
    assert [each.reason for each in of_ana.context["codes"]] == ["campaign", "was_brought"]
    for page, words in ((of_sam, "For bringing"), (of_ana, "For coming through")):
        other = ana if page is of_sam else sam
        assert f'{words} <a href="/customers/{other.pk}/">{other}</a>' in page.content.decode()
        assert page.content.decode().count(TELL) == 1
    assert f'From <a href="/campaigns/{campaign.pk}/">Summer</a>' in of_ana.content.decode()


def test_redeemed_reward_is_nothing_to_tell_of(staff, shop):
    sam, ana = CustomerFactory.create_batch(2, shop=shop)
    brought = Referral.objects.create(shop=shop, referrer=sam, friend=ana)
    OfferCodeFactory(
        offer__shop=shop, customer=sam, referral=brought, redeemed_at=timezone.now(), discount=5
    )

    assert TELL not in staff.get(f"/customers/{sam.pk}/").content.decode()


def test_codes_cost_no_query_each(staff, shop):
    sam = CustomerFactory(shop=shop)

    def one():
        friend = CustomerFactory(shop=shop)
        brought = Referral.objects.create(shop=shop, referrer=sam, friend=friend)
        OfferCodeFactory(offer__shop=shop, customer=sam, referral=brought)

    assert_same_queries(staff, f"/customers/{sam.pk}/", make=one)
