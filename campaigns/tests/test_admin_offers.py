"""Offers in admin: redeeming foreseen and done, undoing, and what was promised."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.shop_admin.confirm import token_for
from barbershop.tests.factories import ServiceFactory
from campaigns.models import OfferCode
from campaigns.tests.factories import OfferCodeFactory, OfferFactory
from customers.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
CHANGELIST = "admin:campaigns_offercode_changelist"


def act(client, user, code, action, **more):
    data = {"action": action, "_selected_action": [code.pk]}
    data["confirm_token"] = token_for(user, [code], action)
    return client.post(reverse(CHANGELIST), data | more, follow=True)


def test_admin_redeems_for_the_visit_of_today_and_undoes_it(sign_in, code):
    AppointmentFactory(customer=code.customer, days_ago=0, price=3500)
    client = sign_in(user__is_staff=True)
    user = Membership.objects.get(shop=code.shop).user

    act(client, user, code, "redeem")
    code.refresh_from_db()
    assert code.discount == 700

    act(client, user, code, "take_back", reason="The wrong customer.")
    code.refresh_from_db()
    assert (code.redeemed_at, code.discount) == (None, 0)
    told = AuditEntry.objects.filter(action__startswith="offer.").order_by("seq")
    assert list(told.values_list("action", "actor")) == [
        ("offer.redeem", user.pk),
        ("offer.take_back", user.pk),
    ]


def test_admin_foresees_of_several_codes_what_redeeming_them_takes_off(sign_in, code):
    visit = AppointmentFactory(customer=code.customer, days_ago=0, price=1000)
    offer = OfferFactory(shop=code.shop, kind="amount", value=600)
    spent = {"appointment": visit, "redeemed_at": timezone.now(), "discount": 300}
    OfferCodeFactory(offer=offer, customer=code.customer, code="GONE-7K2Q9A", **spent)
    other = OfferCodeFactory(offer=offer, customer=code.customer, code="BIG-7K2Q9A")
    client = sign_in(user__is_staff=True)
    chosen = {"action": "redeem", "_selected_action": [code.pk, other.pk]}

    asked = client.post(reverse(CHANGELIST), chosen)

    facts = [found.facts[0][0] for _, found in asked.context["foreseen"]]
    assert facts == ["$1.40", "$5.60"]
    client.post(reverse(CHANGELIST), chosen | {"confirm_token": asked.context["token"]})
    assert [OfferCode.objects.get(pk=each.pk).discount for each in (code, other)] == [140, 560]


def test_admin_says_that_a_free_service_is_gone_and_lets_another_one_be_named(sign_in, shop):
    offer = OfferFactory(shop=shop, kind="service", value=0, service=None)
    code = OfferCodeFactory(offer=offer, code="FREE-7K2Q9A")
    cheap, trim = ServiceFactory(shop=shop, price=0), ServiceFactory(shop=shop, price=1500)
    client = sign_in(user__is_staff=True)
    chosen = {"action": "redeem", "_selected_action": [code.pk]}

    page = client.post(reverse(CHANGELIST), chosen).content.decode()
    assert page.count("is not in the catalogue any more") == 1

    path = reverse("admin:campaigns_offer_change", args=[offer.pk])
    given = {"name": "Trim", "valid_days": 3, "code_prefix": ""}
    refused = client.post(path, given | {"service": cheap.pk})
    assert "has no price in the catalogue" in refused.content.decode()
    client.post(path, given | {"service": trim.pk})
    offer.refresh_from_db()
    assert (offer.service, offer.kind) == (trim, "service")
    act(client, Membership.objects.get(shop=shop).user, code, "redeem")
    code.refresh_from_db()
    assert code.discount == 1500
    client.post(path, given | {"service": cheap.pk})
    offer.refresh_from_db()
    assert offer.service == trim


def test_admin_says_that_a_percentage_needs_a_price(sign_in, code):
    client = sign_in(user__is_staff=True)
    data = {"action": "redeem", "_selected_action": [code.pk]}

    page = client.post(reverse(CHANGELIST), data).content.decode()

    assert page.count("there is no visit with a price today") == 1


def test_what_codes_have_promised_cannot_be_changed_in_admin(sign_in, code):
    client = sign_in(user__is_staff=True)
    path = reverse("admin:campaigns_offer_change", args=[code.offer_id])
    given = {
        "name": "Renamed",
        "kind": "percent",
        "value": 5,
        "valid_days": 3,
        "code_prefix": "b!g",
    }

    client.post(path, given)
    code.offer.refresh_from_db()
    assert (code.offer.name, code.offer.value, code.offer.code_prefix) == ("Renamed", 20, "BG")

    code.delete()
    client.post(path, given)
    code.offer.refresh_from_db()
    assert code.offer.value == 5
