"""Friends who bring friends: who counts as brought, and when both are rewarded."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from campaigns import offers, referrals
from campaigns.models import OfferCode, Referral
from campaigns.refusals import Conflict
from campaigns.tests.factories import OfferFactory
from communications import opting_in
from customers import erasure
from customers.models import Customer
from customers.sign_up import Person
from customers.tests.factories import AppointmentFactory, CustomerFactory

NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)


@pytest.fixture
def offer(db):
    return OfferFactory(code_prefix="FRIEND")


@pytest.fixture
def sam(offer):
    return CustomerFactory(shop=offer.shop, first_name="Sam")


@pytest.fixture
def link(sam, offer):
    return offers.referral_link(sam.pk, offer.pk)


@pytest.fixture
def friend(offer):
    return CustomerFactory(shop=offer.shop, first_name="Alex")


def brought(link, friend, at=NOW - 5 * DAY) -> Referral:
    return referrals.bring(referrals.read(link), friend=friend, now=at)


def visit(friend, *, at=NOW - DAY, status="completed"):
    return AppointmentFactory(customer=friend, starts_at=at, status=status)


def pairs() -> list[tuple]:
    rows = OfferCode.objects.exclude(referral=None).order_by("customer")
    return list(rows.values_list("customer", "referral"))


def test_link_or_its_last_part_is_read(link, sam, offer):
    token = link.rstrip("/").rsplit("/", 1)[1]

    for said in (link, link.rstrip("/"), f"{link}?lang=fr", f" {token} "):
        assert referrals.read(said) == referrals.Invitation(sam, offer)


def test_old_link_outlives_a_change_of_keys(link, settings, sam):
    settings.LINK_SIGNING_KEYS = ["n" * 40, *settings.LINK_SIGNING_KEYS]

    assert referrals.read(link).referrer == sam


@pytest.mark.parametrize("said", ["", "abc", "https://shop.example.test/r/", "\x00", "é" * 44])
def test_what_is_no_link_of_ours_is_nothing(said):
    assert referrals.read(said) is None


def test_link_with_the_offer_of_another_shop_is_nothing(sam):
    assert referrals.read(offers.referral_link(sam.pk, OfferFactory().pk)) is None


def test_both_get_one_code_on_the_friends_first_completed_visit(link, sam, friend, offer):
    CustomerFactory.create_batch(2, shop=offer.shop)
    referral = brought(link, friend)
    first = visit(friend)
    visit(friend, at=NOW - DAY / 2)

    assert [referrals.reward(now=NOW), referrals.reward(now=NOW + DAY)] == [1, 0]

    referral.refresh_from_db()
    assert (referral.first_visit_at, referral.rewarded_at) == (first.starts_at, NOW)
    assert pairs() == [(sam.pk, referral.pk), (friend.pk, referral.pk)]
    code = OfferCode.objects.first()
    last = offers.last_day(offer, zone=offer.shop.zone, since=NOW)
    assert (code.execution, code.code[:7]) == (None, "FRIEND-")
    assert code.expires_at.astimezone(offer.shop.zone).date() == last + DAY


@pytest.mark.parametrize("status", ["booked", "cancelled", "no_show"])
def test_visit_that_did_not_take_place_rewards_nobody(link, friend, status):
    brought(link, friend)
    missed = visit(friend, status=status)

    assert (referrals.reward(now=NOW), pairs()) == (0, [])

    missed.status = "completed"
    missed.save()
    assert referrals.reward(now=NOW) == 1


def test_visit_from_before_the_friendship_that_is_reported_late_rewards_nobody(link, friend):
    brought(link, friend)
    visit(friend, at=NOW - 30 * DAY)
    visit(friend, at=NOW - DAY)

    assert (referrals.reward(now=NOW), pairs()) == (0, [])


def test_who_signs_up_in_the_chair_is_rewarded_for_that_visit(link, friend):
    cut = visit(friend, at=NOW - dt.timedelta(minutes=10), status="booked")
    brought(link, friend, at=NOW)
    cut.status = "completed"
    cut.save()

    assert referrals.reward(now=NOW + DAY) == 1


@pytest.mark.parametrize("whose", ["email", "phone"])
def test_nobody_brings_himself_or_his_own_address(link, sam, friend, whose):
    setattr(friend, whose, getattr(sam, whose))
    friend.save()

    for person in (sam, friend):
        with pytest.raises(Conflict) as refused:
            brought(link, person)
        assert refused.value.code == "own_link"


def test_only_somebody_new_is_brought_and_only_once(link, sam, friend, offer):
    regular = CustomerFactory(shop=offer.shop)
    visit(regular)
    brought(link, friend)
    other = offers.referral_link(regular.pk, offer.pk)
    back = offers.referral_link(friend.pk, offer.pk)

    refusals = []
    for again, person in ((link, regular), (link, friend), (other, friend), (back, sam)):
        with pytest.raises(Conflict) as refused:
            brought(again, person)
        refusals.append(refused.value.code)

    assert refusals == ["not_new", *["already_referred"] * 3]
    assert Referral.objects.count() == 1


def test_who_booked_but_has_not_come_is_still_new(link, friend):
    visit(friend, at=NOW + DAY, status="booked")
    visit(friend, at=NOW - 9 * DAY, status="no_show")

    assert brought(link, friend).friend == friend


def test_erased_people_get_no_code_and_their_links_are_over(link, sam, friend):
    brought(link, friend)
    visit(friend)
    erasure.erase(sam, reason="He asked for it.")

    assert referrals.read(link) is None
    assert referrals.reward(now=NOW) == 1
    assert [customer for customer, _ in pairs()] == [friend.pk]


def test_rewarding_asks_as_often_for_three_as_for_one(link, offer, django_assert_num_queries):
    for person in CustomerFactory.create_batch(3, shop=offer.shop):
        brought(link, person)
        visit(person)

    with django_assert_num_queries(11):
        assert referrals.reward(now=NOW) == 3


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_reward_once(tmp_path):
    offer = OfferFactory()
    sam, friend = CustomerFactory.create_batch(2, shop=offer.shop)
    brought(offers.referral_link(sam.pk, offer.pk), friend)
    visit(friend)

    with database_in_a_file(tmp_path):
        assert sum(at_once(3, lambda number: referrals.reward(now=NOW))) == 1
        assert len(pairs()) == 2


def sign_up(shop, came_by, **addresses):
    return opting_in.by_page(
        shop=shop,
        person=Person(first_name="Alex", language="en"),
        addresses=addresses,
        came_by=came_by,
        now=NOW,
    )


def test_who_signs_up_through_the_link_becomes_the_friend(link, sam, offer):
    sign_up(offer.shop, link, sms="+12125550188", email="alex@example.test")

    friend = Customer.objects.get(email="alex@example.test")
    found = Referral.objects.get()
    assert (found.shop, found.referrer, found.friend) == (offer.shop, sam, friend)
    assert (found.offer, found.created_at, found.rewarded_at) == (offer, NOW, None)


def test_who_signs_up_under_two_records_is_new_by_neither_if_one_has_been_here(link, offer):
    """Whichever of the two addresses is looked at first."""
    new, other = CustomerFactory.create_batch(2, shop=offer.shop)
    for known in (regulars := CustomerFactory.create_batch(2, shop=offer.shop)):
        visit(known)

    sign_up(offer.shop, link, email=new.email, sms=regulars[0].phone)
    sign_up(offer.shop, link, email=regulars[1].email, sms=other.phone)

    assert Referral.objects.count() == 0


def test_sign_up_without_or_with_a_wrong_link_brings_nobody(link, sam, offer):
    visited = CustomerFactory(shop=offer.shop)
    visit(visited)

    sign_up(offer.shop, "", email="a@example.test")
    sign_up(offer.shop, link[:-3], email="b@example.test")
    sign_up(ShopFactory(), link, email="c@example.test")
    sign_up(offer.shop, link, email=sam.email)
    sign_up(offer.shop, link, email=visited.email)
    sign_up(offer.shop, link, email=sam.email, sms="+12125550188")
    sign_up(offer.shop, link, email=visited.email, sms="+12125550189")

    assert Referral.objects.count() == 0
    assert Customer.objects.filter(email__endswith="@example.test", first_name="Alex").count() == 3
