"""Offers in the dashboard and in admin: the list, the till, and undoing a mistake."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import ServiceFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import guessing, redeeming
from campaigns.models import OfferCode, Referral
from campaigns.refusals import Conflict
from campaigns.tests.factories import OfferCodeFactory, OfferFactory
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
TILL = "/offers/redeem/"
NOW = dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)


def test_list_shows_what_was_issued_redeemed_and_given_and_no_other_shops(sign_in, code):
    OfferCodeFactory(offer=code.offer, redeemed_at=timezone.now(), discount=700)

    page = sign_in().get("/offers/")

    (offer,) = page.context["page_obj"]
    assert (offer.name, offer.worth, offer.issued, offer.redeemed, offer.given) == (
        "Summer",
        "20%",
        2,
        1,
        700,
    )
    assert "$7.00" in page.content.decode()


def test_list_without_offers_says_where_they_come_from(sign_in, shop):
    page = sign_in().get("/offers/").content.decode()

    assert page.count("No offers yet") == 1


def test_list_asks_as_often_for_three_offers_as_for_one(sign_in, shop):
    assert_same_queries(
        sign_in(), "/offers/", make=lambda: OfferCodeFactory(offer=OfferFactory(shop=shop))
    )


def test_looking_a_code_up_changes_nothing_and_says_what_it_is_worth(sign_in, code):
    page = sign_in(Role.STAFF).get(TILL, {"code": "summer 7k2q9a"})

    assert (page.context["found"], page.context["worth"]) == (code, "20%")
    assert page.context["state"] == "valid"
    code.refresh_from_db()
    assert code.redeemed_at is None


@pytest.mark.parametrize(
    ("expires_at", "said"),
    [
        ("2026-12-23T05:00:00+00:00", "<dt>Valid until</dt><dd>December 22</dd>"),
        ("2027-01-23T05:00:00+00:00", "<dt>Valid until</dt><dd>January 22, 2027</dd>"),
        (None, "<dt>Valid until</dt><dd>Always</dd>"),
    ],
)
def test_till_names_the_last_day_and_the_money_as_the_message_does(sign_in, code, expires_at, said):
    client = sign_in(Role.STAFF)
    expires = expires_at and dt.datetime.fromisoformat(expires_at)
    OfferCode.objects.filter(pk=code.pk).update(expires_at=expires)
    type(code.offer).objects.filter(pk=code.offer_id).update(kind="amount", value=500)

    with time_machine.travel(NOW, tick=False):
        till = client.get(TILL, {"code": code.code}).content.decode()
        person = client.get(f"/customers/{code.customer_id}/").content.decode()

    assert till.count(said) == 1
    assert till.count("<dt>Worth</dt><dd>$5 off</dd>") == 1
    words = said.split("<dd>")[1].removesuffix("</dd>")
    assert person.count(f"Valid until {words}<") == (1 if expires else 0)


def test_expired_code_is_refused_with_its_last_day(code):
    expires = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
    OfferCode.objects.filter(pk=code.pk).update(expires_at=expires)

    with pytest.raises(Conflict) as refused:
        redeeming.redeem(code.code, shop=code.shop, amount=1000, now=NOW)

    assert refused.value.message == "This code was valid until October 31."


def test_staff_redeems_a_code_for_a_visit_of_today(sign_in, code):
    visit = AppointmentFactory(customer=code.customer, days_ago=0, price=3500)
    AppointmentFactory(customer__shop=code.shop, days_ago=0)
    client = sign_in(Role.STAFF)

    page = client.get(TILL, {"code": code.code})
    field = page.context["form"].fields["appointment"]
    assert (list(field.queryset), field.initial) == ([visit], visit)
    done = client.post(TILL, {"code": code.code, "appointment": visit.pk}, follow=True)

    code.refresh_from_db()
    assert (code.appointment, code.discount) == (visit, 700)
    assert (done.context["state"], done.context["form"]) == ("redeemed", None)
    assert done.redirect_chain == [("/offers/redeem/?code=SUMMER-7K2Q9A", 302)]
    assert "Redeemed: take $7 off." in done.content.decode()


def test_amount_is_typed_where_there_is_no_visit(sign_in, code):
    client = sign_in()

    missing = client.post(TILL, {"code": code.code, "amount": ""})
    done = client.post(TILL, {"code": code.code, "amount": "12.50"})

    assert (missing.status_code, list(missing.context["form"].errors)) == (400, ["amount"])
    assert done.status_code == 302
    code.refresh_from_db()
    assert code.discount == 250


@pytest.mark.parametrize("amount", ["0", "0.00", "0.001"])
def test_amount_of_nothing_is_asked_for_again_and_the_code_stays_good(sign_in, code, amount):
    answer = sign_in().post(TILL, {"code": code.code, "amount": amount})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["amount"])
    code.refresh_from_db()
    assert code.redeemed_at is None


def test_till_names_a_visit_by_its_moment_as_every_page_does(sign_in, code):
    AppointmentFactory(customer=code.customer, service=None, starts_at=NOW)

    with time_machine.travel(NOW, tick=False):
        page = sign_in().get(TILL, {"code": code.code})

    assert page.content.decode().count(">23 Nov 2026, 10:00, a visit</option>") == 1


def test_visit_without_a_price_asks_for_the_amount(sign_in, code):
    visit = AppointmentFactory(customer=code.customer, days_ago=0, price=0)

    answer = sign_in().post(TILL, {"code": code.code, "appointment": visit.pk})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["amount"])


def test_code_that_is_redeemed_already_is_not_taken_again(sign_in, code):
    OfferCode.objects.filter(pk=code.pk).update(redeemed_at=timezone.now(), discount=5)

    answer = sign_in().post(TILL, {"code": code.code, "amount": "12.50"})

    assert (answer.status_code, answer.context["state"]) == (400, "redeemed")
    code.refresh_from_db()
    assert code.discount == 5


@pytest.mark.parametrize("typed", ["SUMMER-0THER0", "nothing", "\x00", "x" * 81])
def test_unknown_code_and_another_shops_are_said_to_be_unknown(sign_in, code, typed):
    page = sign_in().get(TILL, {"code": typed})

    assert (page.status_code, page.context["found"]) == (200, None)
    assert list(page.context["typed"].errors) == ["code"]


def test_who_guesses_at_the_till_is_told_to_wait(sign_in, code):
    cache.clear()
    client = sign_in()
    for number in range(guessing.MOST):
        client.get(TILL, {"code": f"SUMMER-0000{number:02d}"})

    page = client.get(TILL, {"code": code.code})

    cache.clear()
    assert page.context["typed"].errors["code"] == [guessing.TOO_MANY]


def test_who_only_looks_is_not_offered_the_till(sign_in, code):
    client = sign_in(Role.READ_ONLY)

    assert client.get("/offers/").context["form"] is None
    assert client.get(TILL, {"code": code.code}).status_code == 403
    assert client.post(TILL, {"code": code.code, "amount": "1"}).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 403), (Role.MANAGER, 302)])
def test_manager_undoes_a_redemption_with_a_reason(sign_in, code, role, status):
    OfferCode.objects.filter(pk=code.pk).update(redeemed_at=timezone.now(), discount=5)
    client = sign_in(role)
    path = f"/offers/codes/{code.pk}/undo/"

    assert client.get(path).status_code == (403 if role == Role.STAFF else 200)
    assert client.post(path, {"reason": " "}).status_code == (403 if role == Role.STAFF else 400)
    assert client.post(path, {"reason": "Typed twice."}).status_code == status

    code.refresh_from_db()
    assert (code.redeemed_at is None) == (role == Role.MANAGER)


def test_another_shops_redemption_is_not_found(sign_in, shop):
    theirs = OfferCodeFactory(redeemed_at=timezone.now(), discount=5)

    answer = sign_in().post(f"/offers/codes/{theirs.pk}/undo/", {"reason": "Mine."})

    theirs.refresh_from_db()
    assert (answer.status_code, theirs.discount) == (404, 5)


def test_customer_page_shows_his_codes_and_friends(sign_in, code):
    friend = CustomerFactory(shop=code.shop)
    Referral.objects.create(shop=code.shop, referrer=code.customer, friend=friend)
    OfferCodeFactory(offer=code.offer)
    client = sign_in()

    page = client.get(f"/customers/{code.customer_id}/")
    bare = client.get(f"/customers/{CustomerFactory(shop=code.shop).pk}/")

    assert [each.code for each in page.context["codes"]] == [code.code]
    assert [each.friend for each in page.context["referrals"]] == [friend]
    assert (bare.context["codes"], bare.context["referrals"]) == ([], [])


def test_till_says_what_to_do_about_a_free_service_without_a_price(sign_in, shop):
    service = ServiceFactory(shop=shop, name="Beard trim", price=0)
    offer = OfferFactory(shop=shop, kind="service", value=0, service=service)
    code = OfferCodeFactory(offer=offer, code="FREE-7K2Q9A")

    answer = sign_in().post(TILL, {"code": code.code})

    said = "“Beard trim” has no price in the catalogue"
    assert (answer.status_code, answer.content.decode().count(said)) == (400, 1)
    code.refresh_from_db()
    assert code.redeemed_at is None
