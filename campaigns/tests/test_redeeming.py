"""A code at the till."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from barbershop.models import AuditEntry
from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ServiceFactory, ShopFactory, UserFactory
from campaigns import redeeming
from campaigns.models import Offer, OfferCode
from campaigns.refusals import Conflict, Refused
from campaigns.tests.factories import OfferCodeFactory, OfferFactory
from customers.tests.factories import AppointmentFactory

NOW = dt.datetime(2026, 7, 1, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def code(db):
    return OfferCodeFactory(code="SUMMER-7K2Q9A", expires_at=NOW + DAY)


def redeem(code, typed="summer 7k2q9a", **how):
    return redeeming.redeem(typed, shop=code.shop, now=NOW, **how)


def entries(code) -> list[str]:
    rows = AuditEntry.objects.for_shop(code.shop).filter(action__startswith="offer.")
    return list(rows.order_by("seq").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("kind", "value", "price", "off"),
    [
        ("percent", 20, 3500, 700),
        ("percent", 15, 333, 50),  # 49.95
        ("percent", 33, 50, 17),  # 16.5: half a unit goes to the customer
        ("percent", 100, 3500, 3500),
        ("percent", 20, 0, 0),
        ("amount", 1000, 3500, 1000),
        ("amount", 1000, 700, 700),
        ("amount", 1000, None, 1000),
        ("service", 0, 9000, 2500),
        ("service", 0, 2000, 2000),
        ("service", 0, None, 2500),
    ],
)
@pytest.mark.django_db
def test_discount_follows_the_offer_and_is_never_more_than_the_price(kind, value, price, off):
    shop = ShopFactory()
    service = ServiceFactory(shop=shop, price=2500) if kind == "service" else None
    offer = OfferFactory(shop=shop, kind=kind, value=value, service=service)

    assert redeeming.discount_of(offer, price=price) == off


@pytest.mark.parametrize(("price", "said"), [(None, "service_gone"), (0, "service_without_price")])
def test_free_service_that_is_gone_or_has_no_price_is_never_redeemed_for_nothing(code, price, said):
    service = None if price is None else ServiceFactory(shop=code.shop, price=price)
    offer = OfferFactory(shop=code.shop, kind="service", service=service)
    free = OfferCodeFactory(offer=offer, customer=code.customer, code="FREE-7K2Q9A")

    with pytest.raises(Refused) as refused:
        redeem(free, "FREE-7K2Q9A", amount=2500)

    free.refresh_from_db()
    assert (refused.value.code, free.redeemed_at) == (said, None)
    assert refused.value.message.endswith(
        {
            "service_gone": "open the offer in admin and say which service is free.",
            "service_without_price": "enter its price first.",
        }[said]
    )


def test_redeeming_keeps_when_for_what_and_how_much(code):
    visit = AppointmentFactory(customer=code.customer, price=3500)
    by = UserFactory()

    redeemed = redeem(code, appointment=visit, by=by)

    code.refresh_from_db()
    assert (code.redeemed_at, code.appointment, code.discount) == (NOW, visit, 700)
    assert (redeemed.pk, redeemed.discount) == (code.pk, 700)
    assert entries(code) == ["offer.redeem"]
    assert AuditEntry.objects.get(action="offer.redeem").actor == by


def test_amount_that_is_given_counts_before_the_price_of_the_visit(code):
    visit = AppointmentFactory(customer=code.customer, price=3500)

    assert redeem(code, appointment=visit, amount=5000).discount == 1000


def test_second_redemption_is_refused_and_says_when_the_first_was(code):
    redeem(code, amount=3500)

    with pytest.raises(Conflict) as refused:
        redeem(code, amount=9900)

    assert refused.value.code == "already_redeemed"
    assert refused.value.message == "This code was redeemed on 1 Jul 2026, 12:00."
    code.refresh_from_db()
    assert (code.discount, entries(code)) == (700, ["offer.redeem"])


@pytest.mark.parametrize(
    ("change", "how", "said"),
    [
        ({"expires_at": NOW}, {"amount": 1}, "expired"),
        ({}, {}, "amount_needed"),
        ({}, {"amount": 0}, "amount_needed"),
    ],
)
def test_code_that_cannot_be_taken_stays_as_it_is(code, change, how, said):
    OfferCode.objects.filter(pk=code.pk).update(**change)

    with pytest.raises(Refused) as refused:
        redeem(code, **how)

    assert refused.value.code == said
    code.refresh_from_db()
    assert (code.redeemed_at, code.discount, entries(code)) == (None, 0, [])


@pytest.mark.parametrize("kind", ["percent", "amount"])
def test_amount_of_nothing_uses_no_code_up_and_what_is_wanted_is_said(code, kind):
    Offer.objects.filter(pk=code.offer_id).update(kind=kind)
    visit = AppointmentFactory(customer=code.customer, price=3500)

    for where in ({}, {"appointment": visit}):
        with pytest.raises(Refused, match="must be more than 0") as refused:
            redeem(code, amount=0, **where)
        assert refused.value.fields == {"amount": ["More than 0."]}

    code.refresh_from_db()
    assert (code.redeemed_at, entries(code)) == (None, [])


def test_code_counts_up_to_its_last_moment(code):
    OfferCode.objects.update(expires_at=NOW + dt.timedelta(microseconds=1))

    assert redeem(code, amount=1000).discount == 200


def test_visit_of_another_customer_is_refused(code):
    other = AppointmentFactory(customer__shop=code.shop)

    with pytest.raises(Conflict) as refused:
        redeem(code, appointment=other)

    assert refused.value.code == "not_his"


def test_visit_without_a_price_needs_an_amount_for_a_percentage(code):
    visit = AppointmentFactory(customer=code.customer, price=0)

    with pytest.raises(Refused) as refused:
        redeem(code, appointment=visit)

    assert (refused.value.code, list(refused.value.fields)) == ("amount_needed", ["amount"])


def test_another_shops_code_is_as_unknown_as_one_that_nobody_has(code):
    for typed, shop in ((code.code, ShopFactory()), ("SUMMER-ZZZZZZ", code.shop)):
        with pytest.raises(redeeming.Unknown) as refused:
            redeeming.redeem(typed, shop=shop, amount=1, now=NOW)
        assert refused.value.code == "unknown_code"

    code.refresh_from_db()
    assert code.redeemed_at is None


def test_same_code_in_two_shops_is_two_codes(code):
    twin = OfferCodeFactory(code=code.code)

    redeem(twin, amount=1000)

    code.refresh_from_db()
    assert code.redeemed_at is None


def test_two_codes_take_together_no_more_than_the_visit_costs(code):
    visit = AppointmentFactory(customer=code.customer, price=1000)
    offer = OfferFactory(shop=code.shop, kind="amount", value=900)
    other = OfferCodeFactory(offer=offer, customer=code.customer, code="BIG-7K2Q9A")

    redeem(other, "BIG-7K2Q9A", appointment=visit)

    assert redeem(code, appointment=visit).discount == 20


def test_what_is_foreseen_is_what_redeeming_takes_off(code):
    visit = AppointmentFactory(customer=code.customer, price=1000)
    offer = OfferFactory(shop=code.shop, kind="amount", value=900)
    OfferCodeFactory(
        offer=offer, customer=code.customer, appointment=visit, redeemed_at=NOW, discount=900
    )

    foreseen = redeeming.foresee(code, appointment=visit, now=NOW)

    assert (foreseen, code.redeemed_at) == (20, None)
    assert redeeming.foresee(code, appointment=visit, given=50, now=NOW) == 10
    assert redeem(code, appointment=visit).discount == foreseen


def test_redemption_that_is_taken_back_leaves_its_trace_and_the_code_is_good_again(code):
    visit = AppointmentFactory(customer=code.customer, price=3500)
    by = UserFactory()
    redeemed = redeem(code, appointment=visit)

    redeeming.take_back(redeemed, reason="The wrong man's code.", by=by, now=NOW + DAY / 2)

    code.refresh_from_db()
    assert (code.redeemed_at, code.appointment, code.discount) == (None, None, 0)
    entry = AuditEntry.objects.get(action="offer.take_back")
    assert (entry.actor, entry.detail.after) == (by, {"reason": "The wrong man's code."})
    assert entry.detail.before["discount"] == 700
    assert redeem(code, amount=100).discount == 20


def test_taking_back_twice_or_what_was_redeemed_anew_is_refused(code):
    stale = redeem(code, amount=3500)
    seen = OfferCode.objects.select_related("shop").get(pk=code.pk)
    redeeming.take_back(seen, reason="Typed twice.", by=None, now=NOW)
    redeeming.redeem(code.code, shop=code.shop, amount=100, now=NOW + DAY / 2)

    for again in (seen, stale):
        with pytest.raises(Conflict, match="not redeemed"):
            redeeming.take_back(again, reason="Once more.", by=None, now=NOW)

    code.refresh_from_db()
    assert code.discount == 20


def test_database_refuses_a_discount_of_a_code_that_is_not_redeemed(code):
    with pytest.raises(IntegrityError), transaction.atomic():
        OfferCode.objects.filter(pk=code.pk).update(discount=5)


@pytest.mark.django_db(transaction=True)
def test_of_two_tills_at_the_same_moment_one_takes_the_code(tmp_path):
    code = OfferCodeFactory(code="SUMMER-7K2Q9A")
    visit = AppointmentFactory(customer=code.customer, price=3500)

    def till(number):
        try:
            redeem(code, appointment=visit)
        except Conflict as refused:
            return refused.code
        return "taken"

    with database_in_a_file(tmp_path):
        answers = at_once(4, till)
        code.refresh_from_db()
        assert sorted(answers) == ["already_redeemed"] * 3 + ["taken"], connection.vendor
        assert (code.discount, entries(code)) == (700, ["offer.redeem"])
