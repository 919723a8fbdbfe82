"""Admin of people, roles and tokens, and the rules on which all admin pages stand."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from barbershop.models import ApiToken, AuditEntry, Barber, Membership, User, digest_of
from barbershop.shop_admin import StorableJSONField
from barbershop.tenancy import role_in, roles_of
from barbershop.tests.factories import (
    BarberFactory,
    MembershipFactory,
    ServiceFactory,
    ShopFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def sign_in(client, shop):
    def _sign_in(role):
        user = MembershipFactory(shop=shop, role=role, user__is_staff=True).user
        client.force_login(user)
        return client

    return _sign_in


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def texts(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_roles_of_a_person_are_those_that_role_in_says():
    user, shop, other = UserFactory(), ShopFactory(), ShopFactory()
    sister = ShopFactory(organization=shop.organization)
    MembershipFactory(user=user, shop=shop, role=Role.OWNER)
    MembershipFactory(user=user, shop=None, organization=shop.organization, role=Role.STAFF)

    assert roles_of(user) == {shop.pk: Role.OWNER, sister.pk: Role.STAFF}
    for each in (shop, sister, other):
        assert roles_of(user).get(each.pk) == role_in(user, each)


def test_roles_of_a_superuser_are_owner_everywhere():
    shops = [ShopFactory(), ShopFactory()]

    assert roles_of(UserFactory(is_superuser=True)) == {shop.pk: Role.OWNER for shop in shops}


@pytest.mark.parametrize(("role", "code"), [(Role.STAFF, 302), (Role.READ_ONLY, 403)])
def test_adding_a_barber_needs_the_role_staff(sign_in, shop, role, code):
    answer = sign_in(role).post(
        reverse("admin:barbershop_barber_add"), {"shop": shop.pk, "first_name": "Tony"}
    )

    assert answer.status_code == code
    assert Barber.objects.for_shop(shop).exists() == (code == 302)


def test_adding_to_a_shop_where_ones_role_is_too_low_is_refused(sign_in, shop):
    client = sign_in(Role.STAFF)
    visited = ShopFactory()
    member = Membership.objects.get(shop=shop).user
    MembershipFactory(shop=visited, user=member, role=Role.READ_ONLY)

    answer = client.post(
        reverse("admin:barbershop_barber_add"), {"shop": visited.pk, "first_name": "Tony"}
    )

    assert "shop" in answer.context["adminform"].form.errors
    assert not Barber.objects.exists()


def test_a_row_stays_in_its_shop_and_its_constraints_hold(root, shop):
    BarberFactory(shop=shop, external_id="7")
    barber = BarberFactory(shop=shop, external_id="8")

    answer = root.post(
        reverse("admin:barbershop_barber_change", args=[barber.pk]),
        {"shop": ShopFactory().pk, "first_name": "Tony", "external_id": "7"},
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    barber.refresh_from_db()
    assert (barber.shop, barber.external_id) == (shop, "8")


def test_changes_are_kept_in_the_shops_audit_log(sign_in, shop):
    service = ServiceFactory(shop=shop)
    client = sign_in(Role.STAFF)

    client.post(
        reverse("admin:barbershop_service_change", args=[service.pk]),
        {"name": "Beard trim", "price": "2000", "duration_minutes": "20"},
    )
    client.post(reverse("admin:barbershop_service_delete", args=[service.pk]), {"post": "yes"})

    actions = list(AuditEntry.objects.for_shop(shop).values_list("action", flat=True))
    assert actions == ["admin.service.delete", "admin.service.change"]


def test_a_new_token_is_shown_once_and_works(sign_in, shop):
    client = sign_in(Role.MANAGER)

    answer = client.post(
        reverse("admin:barbershop_apitoken_add"),
        {"shop": shop.pk, "name": "Till", "scopes": ["read", "write"]},
        follow=True,
    )

    token = ApiToken.objects.get()
    plain = texts(answer)[0].rpartition(" ")[2]
    assert digest_of(plain) == token.digest
    assert (token.scopes, token.created_by) == ("read write", answer.wsgi_request.user)
    later = client.get(reverse("admin:barbershop_apitoken_change", args=[token.pk]))
    assert plain not in later.content.decode()
    assert token.digest not in later.content.decode()


def test_the_digest_of_a_token_cannot_be_guessed_by_filters(root, shop):
    token, _ = ApiToken.issue(shop=shop, name="Till", scopes={"read"})

    answer = root.get(
        reverse("admin:barbershop_apitoken_changelist"), {"digest__startswith": token.digest[:2]}
    )

    assert answer.status_code == 400


def test_staff_see_no_tokens(sign_in, shop):
    ApiToken.issue(shop=shop, name="Till", scopes={"read"})

    answer = sign_in(Role.STAFF).get(reverse("admin:barbershop_apitoken_changelist"))

    assert answer.status_code == 403


def test_a_revoked_token_is_asked_for_first_and_stays_revoked(sign_in, shop):
    token, _ = ApiToken.issue(shop=shop, name="Till", scopes={"read"})
    client, url = sign_in(Role.MANAGER), reverse("admin:barbershop_apitoken_changelist")
    form = {"action": "revoke", "_selected_action": [token.pk]}

    question = client.post(url, form)
    token.refresh_from_db()
    assert token.revoked_at is None
    client.post(url, form | {"confirm_token": question.context["token"]})

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_person_is_made_by_email_alone(root):
    answer = root.post(
        reverse("admin:barbershop_user_add"),
        {
            "email": "New@Example.test",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        },
    )

    assert answer.status_code == 302
    person = User.objects.get(email="new@example.test")
    assert person.check_password("correct horse battery")


def test_two_people_never_share_an_address(root):
    UserFactory(email="taken@example.test")

    answer = root.post(
        reverse("admin:barbershop_user_add"),
        {
            "email": "Taken@example.test",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        },
    )

    assert "email" in answer.context["adminform"].form.errors


def test_an_owner_cannot_change_accounts(sign_in, shop):
    colleague = MembershipFactory(shop=shop).user
    client = sign_in(Role.OWNER)
    url = reverse("admin:barbershop_user_change", args=[colleague.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"is_superuser": "on"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[colleague.pk])
    assert client.post(password, {"password1": "x"}).status_code == 403


@pytest.mark.parametrize(("role", "code"), [(Role.OWNER, 302), (Role.MANAGER, 403)])
def test_only_owners_give_roles_and_only_in_their_shops(sign_in, shop, role, code):
    client = sign_in(role)
    member = MembershipFactory(shop=shop, role=Role.READ_ONLY)

    answer = client.post(
        reverse("admin:barbershop_membership_change", args=[member.pk]), {"role": "staff"}
    )

    member.refresh_from_db()
    assert (answer.status_code, member.role) == (code, "staff" if code == 302 else "read_only")


def test_an_owner_cannot_give_a_role_in_another_shop_or_a_whole_organization(sign_in, shop):
    client, theirs = sign_in(Role.OWNER), ShopFactory()
    colleague = MembershipFactory(shop=shop).user
    url = reverse("admin:barbershop_membership_add")

    for where in (str(theirs.pk), ""):
        answer = client.post(url, {"user": colleague.pk, "shop": where, "role": "owner"})
        assert "shop" in answer.context["adminform"].form.errors

    assert Membership.objects.filter(user=colleague).count() == 1


@pytest.mark.parametrize(
    "typed", ['{"a": "\\u0000"}', '{"a": "\\ud800"}', '{"a": NaN}', "[" * 100_000, "{"]
)
def test_json_that_a_database_cannot_hold_is_a_form_error(typed):
    field = StorableJSONField(required=False)

    with pytest.raises(ValidationError):
        field.clean(typed)


def test_postal_address_is_changed_and_never_emptied(shop):
    """Campaigns that run read it as they go; a shop that sends texts alone may have none."""
    bare = ShopFactory(postal_address="")
    bare.full_clean()
    shop.postal_address = "2 Test Street, Springfield, NY 10001"
    shop.full_clean()
    shop.save()
    for empty in ("", "  "):
        shop.postal_address = empty
        with pytest.raises(ValidationError) as refused:
            shop.full_clean()
        assert list(refused.value.message_dict) == ["postal_address"]
