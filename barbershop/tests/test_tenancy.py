import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from barbershop.models import Membership
from barbershop.tenancy import SESSION_KEY, role_in, shop_context
from barbershop.tests.api import person_client
from barbershop.tests.factories import (
    BarberFactory,
    MembershipFactory,
    OrganizationFactory,
    ShopFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Role = Membership.Role


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def seen(client) -> list[int]:
    return [row["id"] for row in client.get("/api/barbers").json()["results"]]


def test_person_sees_the_first_of_his_shops_until_he_chooses_another():
    first = BarberFactory(shop__name="A shop")
    second = BarberFactory(shop__name="B shop")
    BarberFactory()  # where he does not work
    user = MembershipFactory(shop=first.shop).user
    MembershipFactory(shop=second.shop, user=user)
    client = sign_in(user)

    assert seen(client) == [first.pk]
    answer = client.post("/shop/", {"shop": second.shop.pk, "next": "/api/barbers"})
    assert (answer.status_code, answer.url) == (302, "/api/barbers")
    assert seen(client) == [second.pk]


@pytest.mark.parametrize("choice", ["", "abc", "²", "0", "9" * 30, "9" * 5_000])
def test_choice_that_is_no_shop_is_not_found(choice):
    client = person_client(ShopFactory())

    assert client.post("/shop/", {"shop": choice}, format="multipart").status_code == 404


def test_shop_where_one_does_not_work_cannot_be_chosen():
    other = ShopFactory()
    client = sign_in(MembershipFactory().user)

    assert client.post("/shop/", {"shop": other.pk}).status_code == 404
    assert SESSION_KEY not in client.session


def test_switch_leads_nowhere_else():
    shop = ShopFactory()
    client = sign_in(MembershipFactory(shop=shop).user)

    answer = client.post("/shop/", {"shop": shop.pk, "next": "https://evil.example/"})

    assert answer.url == "/"


def test_switch_is_a_post_by_somebody_who_has_signed_in():
    assert sign_in(MembershipFactory().user).get("/shop/").status_code == 405
    assert Client().post("/shop/").url == "/login/?next=/shop/"


def test_chosen_shop_is_left_when_the_membership_ends():
    first, second = BarberFactory(shop__name="A shop"), BarberFactory(shop__name="B shop")
    user = MembershipFactory(shop=first.shop).user
    membership = MembershipFactory(shop=second.shop, user=user)
    client = sign_in(user)
    client.post("/shop/", {"shop": second.shop.pk})

    membership.delete()

    assert seen(client) == [first.pk]


@pytest.mark.parametrize("role", list(Role))
def test_role_is_the_one_of_the_membership(role):
    membership = MembershipFactory(role=role)

    assert role_in(membership.user, membership.shop) == role
    assert role_in(membership.user, ShopFactory()) is None


@pytest.mark.parametrize(("here", "everywhere"), [("staff", "owner"), ("owner", "read_only")])
def test_of_two_memberships_the_higher_role_counts(here, everywhere):
    membership = MembershipFactory(role=here)
    Membership.objects.create(
        user=membership.user, organization=membership.organization, role=everywhere
    )

    assert role_in(membership.user, membership.shop) == Role.OWNER


def test_member_of_an_organisation_works_in_all_its_shops_and_in_no_others():
    organization = OrganizationFactory()
    shops = [ShopFactory(organization=organization) for _ in range(2)]
    user = UserFactory()
    Membership.objects.create(user=user, organization=organization, role=Role.MANAGER)

    assert [role_in(user, shop) for shop in shops] == [Role.MANAGER, Role.MANAGER]
    assert role_in(user, ShopFactory()) is None


def test_strangers_have_no_role_and_superusers_every():
    shop = ShopFactory()

    assert role_in(AnonymousUser(), shop) is None
    assert role_in(UserFactory(is_superuser=True), shop) == Role.OWNER
    assert role_in(UserFactory(is_superuser=True), None) is None


def test_templates_know_the_shop_and_the_shops_to_change_to():
    membership = MembershipFactory()
    ShopFactory()
    request = RequestFactory().get("/")
    request.user, request.shop = membership.user, membership.shop

    context = shop_context(request)

    assert context["shop"] == membership.shop
    assert list(context["shops"]) == [membership.shop]
    assert context["demo_mode"] is False


def test_templates_of_an_error_before_sign_in_know_of_no_shop():
    context = shop_context(RequestFactory().get("/"))

    assert context["shop"] is None
    assert list(context["shops"]) == []
