"""Who is no newcomer: a second record beside a known address makes nobody new, at any door."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory
from campaigns import offers, referrals
from campaigns.models import OfferCode, Referral
from campaigns.refusals import Conflict
from campaigns.tests.factories import OfferFactory
from customers.models import Appointment
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)
BROUGHT = NOW - 5 * DAY


@pytest.fixture
def sam(shop):
    return CustomerFactory(shop=shop, first_name="Sam")


@pytest.fixture
def link(sam):
    return offers.referral_link(sam.pk, OfferFactory(shop=sam.shop).pk)


@pytest.fixture
def regular(shop):
    return visited(CustomerFactory(shop=shop), at=NOW - 40 * DAY)


@pytest.fixture
def friend(shop):
    return CustomerFactory(shop=shop, first_name="Alex")


def visited(customer, *, at=NOW - DAY):
    AppointmentFactory(customer=customer, starts_at=at, status=Appointment.Status.COMPLETED)
    return customer


def brought(link, friend) -> Referral:
    return referrals.bring(referrals.read(link), friend=friend, now=BROUGHT)


def now_has(customer, **addresses) -> None:
    """His addresses are corrected."""
    for name, value in addresses.items():
        setattr(customer, name, value)
    customer.save()


def withheld() -> list[tuple]:
    rows = AuditEntry.objects.filter(action="referral.withhold").order_by("seq")
    return [(row.object_id, row.detail.after["reason"]) for row in rows.select_related("detail")]


@pytest.mark.parametrize("address", ["email", "phone"])
def test_second_record_of_a_known_customer_is_not_brought(api, shop, link, regular, address):
    twin = CustomerFactory(shop=shop, **{address: getattr(regular, address)})
    stranger = CustomerFactory(shop=shop)
    visited(CustomerFactory(shop=ShopFactory(), **{address: getattr(stranger, address)}))

    answer = api.post("/api/referrals", {"referral": link, "customer": twin.pk})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_new")
    assert Referral.objects.count() == 0
    body = {"referral": link, "customer": stranger.pk}
    assert api.post("/api/referrals", body).status_code == 201


def test_referrer_is_known_by_a_record_between_them(api, shop, sam, link):
    """His own second number: one more record has his email and that number."""
    CustomerFactory(shop=shop, email=sam.email, phone="+12125550177")
    himself = CustomerFactory(shop=shop, phone="+12125550177")

    answer = api.post("/api/referrals", {"referral": link, "customer": himself.pk})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "own_link")
    assert Referral.objects.count() == 0


def test_second_record_of_who_was_brought_already_is_not_brought_again(shop, sam, link, friend):
    twin = CustomerFactory(shop=shop, email=friend.email)
    brought(link, friend)

    with pytest.raises(Conflict) as refused:
        brought(link, twin)

    assert refused.value.code == "already_referred"
    other = offers.referral_link(twin.pk, referrals.read(link).offer.pk)
    with pytest.raises(Conflict) as refused:
        brought(other, friend)
    assert refused.value.code == "own_link"
    back = offers.referral_link(friend.pk, referrals.read(link).offer.pk)
    with pytest.raises(Conflict) as refused:
        brought(back, sam)
    assert refused.value.code == "already_referred"


def test_people_without_addresses_are_not_one_person(link, regular, friend):
    now_has(regular, email="", phone="")
    now_has(friend, email="", phone="")

    assert brought(link, friend).friend == friend


@pytest.mark.parametrize(
    ("whose", "address", "reason"),
    [
        ("regular", "email", "not_new"),
        ("regular", "phone", "not_new"),
        ("sam", "email", "own_link"),
        ("sam", "phone", "own_link"),
    ],
)
def test_nobody_is_rewarded_for_who_turns_out_to_be_known(
    request, shop, link, regular, friend, whose, address, reason
):
    known = request.getfixturevalue(whose)
    referral, honest = brought(link, friend), brought(link, CustomerFactory(shop=shop))
    visited(friend)
    visited(honest.friend)
    now_has(friend, **{address: getattr(known, address)})

    assert [referrals.reward(now=NOW), referrals.reward(now=NOW + DAY)] == [1, 0]

    referral.refresh_from_db()
    assert (referral.first_visit_at, referral.rewarded_at) == (NOW - DAY, None)
    codes = OfferCode.objects.exclude(referral=None)
    assert set(codes.values_list("referral", flat=True)) == {honest.pk}
    assert withheld() == [(str(referral.pk), reason)]


def test_family_that_came_after_him_takes_no_reward_away(shop, link, friend):
    brought(link, friend)
    visited(CustomerFactory(shop=shop, phone=friend.phone), at=NOW - 2 * DAY)
    visited(friend)

    assert (referrals.reward(now=NOW), withheld()) == (1, [])


@pytest.mark.parametrize("at_once", [True, False])
def test_person_who_was_brought_twice_is_rewarded_for_once(shop, link, friend, at_once):
    twin = CustomerFactory(shop=shop)
    first, second = brought(link, friend), brought(link, twin)
    visited(friend)
    if not at_once:
        referrals.reward(now=NOW)
    visited(twin)
    now_has(twin, email=friend.email)

    referrals.reward(now=NOW)

    rewarded = Referral.objects.filter(rewarded_at=NOW)
    assert list(rewarded) == [first]
    assert withheld() == [(str(second.pk), "already_referred")]


def test_staff_sees_in_admin_that_both_were_rewarded_on_the_first_visit(
    api, sign_in, shop, sam, link, friend
):
    strangers = CustomerFactory.create_batch(2, shop=ShopFactory())
    Referral.objects.create(
        shop=strangers[0].shop, referrer=strangers[0], friend=strangers[1], rewarded_at=NOW
    )
    now_has(friend, last_name="Newcomer")
    now_has(sam, last_name="Regular")
    made = api.post("/api/referrals", {"referral": link, "customer": friend.pk})
    admin = sign_in("staff", user__is_staff=True)
    lists = [reverse(f"admin:campaigns_{name}_changelist") for name in ("referral", "offercode")]
    assert list(admin.get(lists[1]).context["cl"].queryset) == []

    soon = timezone.now() + DAY / 24
    visited(friend, at=soon)
    referrals.reward(now=soon + DAY)

    friendships, codes = (admin.get(path) for path in lists)
    (referral,) = friendships.context["cl"].queryset
    assert (referral.pk, referral.rewarded_at) == (made.json()["id"], soon + DAY)
    held = {code.customer: code for code in codes.context["cl"].queryset}
    assert set(held) == {sam, friend}
    for person, code in held.items():
        assert f">{code.code}</a>" in codes.content.decode()
        page = admin.get(reverse("admin:campaigns_offercode_change", args=[code.pk]))
        assert str(person) in page.content.decode()
        assert f"{sam.pk} brought {friend.pk}" in page.content.decode()
