"""Every page of admin opens, asks the database as often for many rows as for one, and obeys."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from analytics.tests.admin_rows import build
from barbershop.tests.factories import ShopFactory, UserFactory
from barbershop.tests.query_counts import queries_of
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
ODD = [
    "\x00",
    "'",
    '"%',
    "a\x00b",
    "x" * 5_000,
    "word " * 800,
    "\N{PILE OF POO}",
    "\\",
    "-1",
    "9" * 40,
]
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)(?![^>]*json)"
)


def named(model) -> str:
    return model._meta.label


def url(model, page, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_every_model_of_ours_has_an_admin():
    assert [model for model in OURS if not SITE.is_registered(model)] == []


@pytest.mark.parametrize("model", OURS, ids=named)
def test_list_add_and_change_pages_open(root, model):
    row = build(model, shop=ShopFactory())
    may_add = "add" in SITE.get_model_admin(model).verbs

    pages = {
        "changelist": root.get(url(model, "changelist")),
        "add": root.get(url(model, "add")),
        "change": root.get(url(model, "change", row.pk)),
        "history": root.get(url(model, "history", row.pk)),
    }

    codes = {name: page.status_code for name, page in pages.items()}
    assert codes == {
        "changelist": 200,
        "add": 200 if may_add else 403,
        "change": 200,
        "history": 200,
    }
    for page in pages.values():
        assert INLINE.findall(page.content.decode()) == []


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_list_asks_as_often_for_three_rows_as_for_one(root, model):
    build(model, shop=ShopFactory())
    root.get(url(model, "changelist"))
    one = queries_of(root, url(model, "changelist"))
    for _ in range(2):
        build(model, shop=ShopFactory())
    three = queries_of(root, url(model, "changelist"))

    assert len(three) == len(one), "\n".join(three)


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_odd_searches_are_answered(root, model):
    build(model, shop=ShopFactory())

    for term in ODD:
        assert root.get(url(model, "changelist"), {"q": term}).status_code == 200, term


@pytest.mark.parametrize("model", OURS, ids=named)
@pytest.mark.usefixtures("bare_admin")
def test_odd_filters_are_answered(root, model):
    model_admin = SITE.get_model_admin(model)
    names = ["in_shop", "p", "o", "id__exact"]
    names += [item for item in model_admin.list_filter if isinstance(item, str)]
    names += [f"{day}__{part}" for day in _days(model_admin) for part in ("year", "month")]

    for name in names:
        for value in ("\x00", "'", "9" * 40):
            answer = root.get(url(model, "changelist"), {name: value}, follow=True)
            assert answer.status_code in {200, 400}, (name, value)


def _days(model_admin):
    return [model_admin.date_hierarchy] if model_admin.date_hierarchy else []


@pytest.mark.parametrize("model", POINTED_AT, ids=named)
def test_odd_autocompletion_is_answered(root, model):
    source, field = POINTED_AT[model]
    asked = {
        "app_label": source._meta.app_label,
        "model_name": source._meta.model_name,
        "field_name": field.name,
    }

    for term in ODD:
        answer = root.get(reverse("admin:autocomplete"), asked | {"term": term})
        assert answer.status_code == 200, term


@pytest.mark.parametrize("model", OURS, ids=named)
def test_an_object_that_cannot_exist_is_not_found(root, model):
    for value in ("\x00", "0", "abc", "9" * 40, "-1", "'"):
        for page in ("change", "delete", "history"):
            answer = root.get(url(model, page, value))
            assert answer.status_code in {403, 404}, (value, page)


@pytest.mark.parametrize("model", OURS, ids=named)
def test_lists_keep_the_house_rules(model):
    model_admin = SITE.get_model_admin(model)

    assert len(model_admin.list_display) <= 7
    assert model_admin.search_fields
    assert model_admin.search_help_text
    assert model_admin.list_select_related is not True


@pytest.mark.parametrize("model", OURS, ids=named)
def test_every_editable_foreign_key_is_searched_instead_of_listed(rf, model):
    request = rf.get("/")
    request.user = UserFactory.build(is_superuser=True)
    model_admin = SITE.get_model_admin(model)
    wanted = {
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and field.editable and SITE.is_registered(field.related_model)
    }

    assert set(model_admin.get_autocomplete_fields(request)) == wanted
