"""Offers, codes and referrals through the API."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from barbershop import suspension
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import ServiceFactory, UserFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import guessing, offers
from campaigns.models import Offer, OfferCode, Referral
from campaigns.tests.factories import OfferCodeFactory, OfferFactory
from customers import erasure
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def error(answer) -> tuple:
    return answer.status_code, answer.json()["error"]["code"]


def test_code_is_looked_up_redeemed_and_seen_to_be_redeemed(api, code):
    visit = AppointmentFactory(customer=code.customer, price=3500)

    (found,) = api.get("/api/offers/codes/?code=summer 7k2q9a").json()["results"]
    assert (found["state"], found["worth"], found["customer"]) == ("valid", "20%", code.customer_id)
    assert OfferCode.objects.filter(redeemed_at__isnull=False).count() == 0

    taken = api.post("/api/offers/redeem", {"code": "7k2q9a", "appointment": visit.pk})
    assert error(taken) == (404, "unknown_code")  # the prefix belongs to it
    taken = api.post("/api/offers/redeem", {"code": "Summer 7K2Q9A", "appointment": visit.pk})
    assert (taken.status_code, taken.json()["discount"], taken.json()["state"]) == (
        200,
        700,
        "redeemed",
    )

    again = api.post("/api/offers/redeem", {"code": code.code, "amount": 100})
    assert error(again) == (409, "already_redeemed")
    assert api.get(f"/api/offers/codes/{code.pk}").json() == taken.json()
    (offer,) = api.get("/api/offers/").json()["results"]
    assert (offer["issued"], offer["redeemed"], offer["given"]) == (1, 1, 700)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": "SUMMER-0THER0", "amount": 1}, (404, "unknown_code")),
        ({"code": "SUMMER-7K2Q9A"}, (400, "amount_needed")),
        ({"code": "SUMMER-7K2Q9A", "amount": 0}, (400, "amount_needed")),
        ({"code": "SUMMER-7K2Q9A", "amount": -1}, (400, "invalid")),
        ({"code": "SUMMER-7K2Q9A", "amount": "100"}, (400, "invalid")),
        ({"code": "SUMMER-7K2Q9A", "amount": 2**31}, (400, "invalid")),
        ({"code": "SUMMER-7K2Q9A", "appointment": "theirs"}, (400, "invalid")),
        ({"code": "SUMMER-7K2Q9A", "appointment": "other"}, (409, "not_his")),
        ({"code": "SUMMER-7K2Q9A", "sum": 1}, (400, "invalid")),
        ({"code": 7}, (400, "invalid")),
        ({}, (400, "invalid")),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_redeemed(api, code, body, said):
    visits = {"theirs": AppointmentFactory(), "other": AppointmentFactory(customer__shop=code.shop)}
    if body.get("appointment"):
        body = body | {"appointment": visits[body["appointment"]].pk}

    assert error(api.post("/api/offers/redeem", body)) == said
    assert OfferCode.objects.filter(redeemed_at__isnull=False).count() == 0


def test_expired_code_is_refused_and_seen_to_be_expired(api, code):
    OfferCode.objects.filter(pk=code.pk).update(expires_at=timezone.now())

    assert error(api.post("/api/offers/redeem", {"code": code.code})) == (409, "expired")
    assert api.get(f"/api/offers/codes/{code.pk}").json()["state"] == "expired"


def test_looking_needs_read_and_redeeming_needs_write(shop, code):
    reader = token_client(shop, scopes=("read",))
    body = {"code": code.code, "amount": 1000}

    assert reader.get("/api/offers/codes/").status_code == 200
    assert reader.post("/api/offers/redeem", body).status_code == 403
    assert person_client(shop, "read_only").post("/api/offers/redeem", body).status_code == 403
    assert person_client(shop, "staff").post("/api/offers/redeem", body).status_code == 200


def test_same_request_with_the_same_key_is_answered_as_the_first(api, code):
    answers = [
        api.post(
            "/api/offers/redeem",
            {"code": code.code, "amount": 1000},
            headers={"Idempotency-Key": "till-1"},
        )
        for _ in range(2)
    ]

    assert [answer.json()["discount"] for answer in answers] == [200, 200]


def test_who_guesses_is_told_to_wait_and_another_token_is_not(shop, api, code, fresh_cache):
    body = {"code": "SUMMER-000000", "amount": 100}
    for _ in range(guessing.MOST - 1):
        assert api.post("/api/offers/redeem", body).status_code == 404
    assert api.get("/api/offers/codes/?code=SUMMER-000001").json()["results"] == []

    answer = api.post("/api/offers/redeem", body | {"code": code.code})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert api.get(f"/api/offers/codes/?code={code.code}").status_code == 429
    other = token_client(shop, scopes=("write",))
    assert other.post("/api/offers/redeem", body | {"code": code.code}).status_code == 200


def test_codes_are_chosen_by_offer_customer_and_whether_they_came_back(api, shop, code):
    second = OfferCodeFactory(offer=code.offer, redeemed_at=timezone.now(), discount=5)
    third = OfferCodeFactory(offer__shop=shop)

    def ids(query):
        return [row["id"] for row in api.get(f"/api/offers/codes/?{query}").json()["results"]]

    assert ids(f"offer={code.offer_id}") == [second.pk, code.pk]
    assert ids(f"customer={third.customer_id}") == [third.pk]
    assert (ids("redeemed=true"), ids("redeemed=false")) == ([second.pk], [third.pk, code.pk])


def test_rewards_of_friends_say_who_has_which_code_and_why(api, shop, code):
    sam, ana = CustomerFactory.create_batch(2, shop=shop)
    brought = Referral.objects.create(shop=shop, referrer=sam, friend=ana, offer=code.offer)
    ends = timezone.now().replace(microsecond=0)
    for person in (sam, ana):
        OfferCodeFactory(offer=code.offer, customer=person, referral=brought, expires_at=ends)
    stranger = OfferCodeFactory()
    theirs = Referral.objects.create(
        shop=stranger.shop,
        referrer=stranger.customer,
        friend=CustomerFactory(shop=stranger.shop),
    )
    OfferCode.objects.filter(pk=stranger.pk).update(referral=theirs)

    rows = api.get("/api/offers/codes/?reward=true&redeemed=false").json()["results"]
    (other,) = api.get("/api/offers/codes/?reward=false").json()["results"]

    names = ("customer", "reason", "referrer", "friend", "referral")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (ana.pk, "was_brought", sam.pk, ana.pk, brought.pk),
        (sam.pk, "brought_a_friend", sam.pk, ana.pk, brought.pk),
    ]
    assert {row["expires_at"] for row in rows} == {ends.isoformat().replace("+00:00", "Z")}
    assert tuple(other[name] for name in names) == (code.customer_id, "", None, None, None)


def test_codes_cost_no_query_each(api, shop):
    def one():
        sam, ana = CustomerFactory.create_batch(2, shop=shop)
        brought = Referral.objects.create(shop=shop, referrer=sam, friend=ana)
        OfferCodeFactory(offer__shop=shop, customer=sam, referral=brought)

    assert_same_queries(api, "/api/offers/codes/", make=one)


def test_tallies_of_offers_cost_no_query_per_offer(api, shop):
    def one():
        offer = OfferFactory(shop=shop)
        OfferCodeFactory.create_batch(2, offer=offer)
        OfferCodeFactory(offer=offer, redeemed_at=timezone.now(), discount=700)

    assert_same_queries(api, "/api/offers/", make=one)
    rows = api.get("/api/offers/").json()["results"]
    assert [(row["issued"], row["redeemed"], row["given"]) for row in rows] == [(3, 1, 700)] * 3


@pytest.fixture
def link(shop):
    sam = CustomerFactory(shop=shop, first_name="Sam")
    return offers.referral_link(sam.pk, OfferFactory(shop=shop).pk)


def test_booking_system_says_who_was_brought(api, shop, link):
    friend = CustomerFactory(shop=shop)
    body = {"referral": link, "customer": friend.pk}

    made = api.post("/api/referrals", body)

    found = Referral.objects.get()
    assert (made.status_code, made.json()["id"], made.json()["friend"]) == (
        201,
        found.pk,
        friend.pk,
    )
    assert api.get(f"/api/referrals/{found.pk}").json() == made.json()
    assert error(api.post("/api/referrals", body)) == (409, "already_referred")
    regular = AppointmentFactory(customer__shop=shop).customer
    assert error(api.post("/api/referrals", body | {"customer": regular.pk})) == (409, "not_new")


def test_nobody_is_brought_to_a_suspended_shop_until_that_is_lifted(api, shop, link):
    body = {"referral": link, "customer": CustomerFactory(shop=shop).pk}
    admin = UserFactory(is_superuser=True)
    suspension.suspend(shop, by=admin, reason="Too many complaints.")

    answer = api.post("/api/referrals", body)

    assert error(answer) == (409, "shop_suspended")
    assert answer.json()["error"]["message"] == (
        "The shop is suspended and nobody is brought to it: Too many complaints. Ask your "
        "organisation, or who runs this installation, to lift it."
    )
    assert Referral.objects.count() == 0
    suspension.lift(shop, by=admin, reason="Mended.")
    assert api.post("/api/referrals", body).status_code == 201


def test_wrong_links_and_people_are_refused_by_name(api, shop, link):
    friend, erased = CustomerFactory.create_batch(2, shop=shop)
    erasure.erase(erased, reason="He asked for it.")
    theirs = CustomerFactory()
    their_link = offers.referral_link(theirs.pk, OfferFactory(shop=theirs.shop).pk)

    def field(referral, customer):
        answer = api.post("/api/referrals", {"referral": referral, "customer": customer.pk})
        return answer.status_code, list(answer.json()["error"]["fields"])

    assert field("nonsense", friend) == (400, ["referral"])
    assert field(their_link, friend) == (400, ["referral"])
    assert field(link, theirs) == (400, ["customer"])
    assert field(link, erased) == (400, ["customer"])
    assert Referral.objects.count() == 0


CAMPAIGN = {
    "campaign_name": "Summer",
    "campaign_type": "sms",
    "channels": {"sms": {"message": "{{ offer_discount }} off with {{ offer_code }}"}},
}


@pytest.mark.parametrize(
    ("offer", "worth"),
    [
        ({"discount_percentage": 20, "valid_days": 30}, "20%"),
        ({"discount_amount": 1050, "valid_days": None, "code_prefix": "TEN"}, "$10.50"),
        ({"free_service": "trim", "valid_days": 7}, "Beard trim"),
    ],
)
def test_campaign_gives_a_percentage_an_amount_or_a_service(api, shop, offer, worth):
    trim = ServiceFactory(shop=shop, name="Beard trim")
    offer = {name: trim.pk if said == "trim" else said for name, said in offer.items()}

    made = api.post("/api/campaigns", CAMPAIGN | {"offer": offer})

    assert (made.status_code, made.json()["offer"]) == (201, offer)
    assert offers.worth(Offer.objects.get(shop=shop)) == worth


@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"valid_days": 3}, "offer.discount_percentage"),
        ({"discount_percentage": 5, "discount_amount": 5}, "offer.discount_amount"),
        ({"free_service": "theirs"}, "offer.free_service"),
        ({"free_service": "cheap"}, "offer.free_service"),
        ({"discount_amount": 0}, "offer.discount_amount"),
        ({"discount_amount": 5, "code_prefix": "my code"}, "offer.code_prefix"),
    ],
)
def test_offer_that_is_none_is_refused_by_name(api, shop, offer, field):
    services = {"theirs": ServiceFactory(), "cheap": ServiceFactory(shop=shop, price=0)}
    offer = {name: services[said].pk if said in services else said for name, said in offer.items()}

    answer = api.post("/api/campaigns", CAMPAIGN | {"offer": offer})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
