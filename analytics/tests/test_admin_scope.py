"""What members of a shop see of admin: their shops' rows, as far as their role goes."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from analytics.tests.admin_rows import build
from barbershop.models import Barbershop, Membership, Organization, User
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.rows import FLOORS

pytestmark = pytest.mark.django_db

OURS = [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]
SITE = admin.site
# Every model that some foreign key points to, with one such key.
POINTED_AT = {
    field.related_model: (model, field)
    for model in OURS
    for field in model._meta.concrete_fields
    if field.related_model in OURS
}
Role = Membership.Role


def named(model) -> str:
    return model._meta.label


def url(model, page, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def ours():
    return ShopFactory(name="Our own shop")


@pytest.fixture
def theirs():
    return ShopFactory(name="The intruders", organization__name="Their franchise")


@pytest.fixture
def sign_in(client, ours):
    def _sign_in(role=Role.OWNER):
        membership = MembershipFactory(shop=ours, role=role, user__is_staff=True)
        client.force_login(membership.user)
        return client

    return _sign_in


def their_row(model, theirs):
    if model is Organization:
        return theirs.organization
    if model is User:
        return MembershipFactory(shop=theirs).user
    return build(model, shop=theirs)


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_another_shops_row_is_not_in_the_list_and_not_found(sign_in, theirs, model):
    row = their_row(model, theirs)
    client = sign_in()

    page = client.get(url(model, "changelist"))

    assert page.status_code == 200
    assert row.pk not in [shown.pk for shown in page.context["cl"].result_list]
    assert theirs.name not in page.content.decode()
    for name in ("change", "history", "delete"):
        codes = {404} if name != "delete" else {404, 403}
        assert client.get(url(model, name, row.pk)).status_code in codes
        assert client.post(url(model, name, row.pk), {"post": "yes"}).status_code in {403, 404, 405}


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_own_rows_are_in_the_list_and_open(sign_in, ours, theirs, model):
    client = sign_in()
    row = ours.organization if model is Organization else build(model, shop=ours)
    if model is User:
        MembershipFactory(shop=ours, user=row)
    their_row(model, theirs)

    page = client.get(url(model, "changelist"))

    assert row.pk in [shown.pk for shown in page.context["cl"].result_list]
    assert client.get(url(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", POINTED_AT, ids=named)
def test_autocompletion_offers_own_rows_only(sign_in, theirs, model):
    source, field = POINTED_AT[model]
    row = their_row(model, theirs)

    answer = sign_in().get(
        reverse("admin:autocomplete"),
        {
            "app_label": source._meta.app_label,
            "model_name": source._meta.model_name,
            "field_name": field.name,
            "term": "",
        },
    )

    assert str(row.pk) not in [result["id"] for result in answer.json()["results"]]


@pytest.mark.parametrize("model", OURS, ids=named)
def test_choices_of_a_form_are_own_rows_only(sign_in, ours, theirs, rf, model):
    request = rf.get("/")
    request.user = MembershipFactory(shop=ours, user__is_staff=True).user
    form = SITE.get_model_admin(model).get_form(request)

    for name, field in form.base_fields.items():
        choices = getattr(field, "queryset", None)
        if choices is None or choices.model not in OURS:
            continue
        row = their_row(choices.model, theirs)
        assert not choices.filter(pk=row.pk).exists(), name


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_read_only_members_change_nothing(sign_in, ours, model):
    row = ours.organization if model is Organization else build(model, shop=ours)
    client = sign_in(Role.READ_ONLY)

    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk)).status_code in {403, 404}
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code in {403, 404}
    page = client.get(url(model, "changelist"))
    assert page.status_code in {200, 403}
    if page.status_code == 200:
        assert page.context["action_form"] is None


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_staff_without_a_membership_see_nothing(client, model):
    build(model, shop=ShopFactory())
    client.force_login(User.objects.create_user("alone@example.test", is_staff=True))

    assert client.get(url(model, "changelist")).status_code == 403
    assert client.get(url(model, "add")).status_code == 403


def test_members_see_no_pages_of_other_packages(sign_in):
    page = sign_in().get(reverse("admin:index")).content.decode()

    assert "/admin/campaigns/campaigndefinition/" in page
    for foreign in ("/admin/auth/group/", "/admin/axes/", "/admin/django_celery_beat/"):
        assert foreign not in page


def test_an_organization_wide_member_sees_all_its_shops_and_no_other(client, ours, theirs):
    sister = ShopFactory(organization=ours.organization)
    member = MembershipFactory(
        shop=None, organization=ours.organization, user__is_staff=True, role=Role.STAFF
    )
    client.force_login(member.user)

    page = client.get(url(Barbershop, "changelist"))

    assert {shop.pk for shop in page.context["cl"].result_list} == {ours.pk, sister.pk}
    assert theirs.name not in page.content.decode()
