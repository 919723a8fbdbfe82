"""A tag is one tag, whoever writes it how; criteria find it, and near misses are refused."""

import pytest
from django.urls import reverse

from barbershop.tests.api import person_client
from barbershop.tests.factories import ServiceFactory, ShopFactory, UserFactory
from customers import criteria
from customers.criteria import CriteriaError
from customers.models import Customer, CustomerHealthScore, CustomerSegment, CustomerTag, Tag
from customers.segments.rule_form import RulesEditor
from customers.tagging import set_tags
from customers.tests.csv_files import counts, run
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
WRITINGS = ("Do Not Text", "do not text", "do  not text")


def tag(shop, customer, name) -> None:
    """As rows are that were stored before tags had one form."""
    row, _ = Tag.objects.get_or_create(shop=shop, name=name)
    CustomerTag.objects.create(shop=shop, customer=customer, tag=row)


def found(raw, shop) -> set[int]:
    return set(criteria.parse(raw).select(shop=shop).values_list("pk", flat=True))


def tags_of(shop) -> list[str]:
    return sorted(Tag.objects.for_shop(shop).values_list("name", flat=True))


def test_nobody_slips_through_not_by_the_writing_of_a_tag(shop):
    people = [CustomerFactory(shop=shop) for _ in WRITINGS]
    free, rival = CustomerFactory(shop=shop), ShopFactory()
    for person, name in zip(people, WRITINGS, strict=True):
        tag(shop, person, name)
        tag(shop, person, "guam")
    tag(shop, free, "Guam")
    tag(rival, CustomerFactory(shop=rival), "guam")

    for name in (*WRITINGS, "DO NOT TEXT"):
        asked = {"tags": "guam", "not": {"tags": name}}
        assert found(asked, shop) == {free.pk}
        assert found({"tags_all": ["GUAM", name]}, shop) == {person.pk for person in people}
        parsed = criteria.parse(asked)
        assert [finding.holds for finding in parsed.findings(people[0])] == [True, True]
    assert found({"not": {"tags": "nobody has it"}}, shop) == {p.pk for p in [*people, free]}


def test_the_api_keeps_one_tag_as_it_was_written_first(api, shop):
    first = api.post(
        "/api/customers", {"external_id": "a", "tags": ["Do Not  Text", "do not text"]}
    )
    again = api.post(
        "/api/customers/bulk",
        [
            {"external_id": "a", "tags": ["DO NOT TEXT"]},
            {"external_id": "b", "tags": ["do not text", "New"]},
            {"external_id": "c", "tags": ["new "]},
        ],
    )

    assert first.json()["tags"] == ["Do Not Text"]
    assert [row["status"] for row in again.json()["results"]] == ["unchanged", "created", "created"]
    assert tags_of(shop) == ["Do Not Text", "New"]
    shown = api.get("/api/customers?tag=do%20%20not%20TEXT").json()["results"]
    assert [row["external_id"] for row in shown] == ["a", "b"]


def test_rows_of_several_writings_are_shown_once_and_lost_together(api, shop):
    sam = CustomerFactory(shop=shop)
    for name in WRITINGS:
        tag(shop, sam, name)
    path = f"/api/customers/{sam.pk}"

    assert api.get(path).json()["tags"] == ["Do Not Text"]
    assert api.get("/api/customers?tag=do not text").json()["count"] == 1
    (finding,) = criteria.parse({"tags": "do not text"}).findings(sam)
    assert (finding.holds, finding.found) == (True, "tagged Do Not Text")
    assert api.patch(path, {"tags": ["do not text"]}).json()["tags"] == ["Do Not Text"]
    assert api.patch(path, {"tags": []}).json()["tags"] == []
    assert CustomerTag.objects.filter(customer=sam).count() == 0


def test_a_file_adds_no_second_writing_of_a_tag(shop):
    set_tags([(CustomerFactory(shop=shop, external_id="1"), ["Do Not Text"])], shop=shop)

    done = run(shop, "external_id,tags\n1,do not text\n2,DO  NOT TEXT;Vip|vip\n3,VIP\n")

    assert counts(done)[0] == 3
    assert tags_of(shop) == ["Do Not Text", "Vip"]
    rows = CustomerTag.objects.for_shop(shop).values_list("customer__external_id", "tag__name")
    assert sorted(rows) == [
        ("1", "Do Not Text"),
        ("2", "Do Not Text"),
        ("2", "Vip"),
        ("3", "Vip"),
    ]
    assert counts(run(shop, "external_id,tags\n2,vip|Do not text\n")) == (1, 0, 0, 1, 0)


def test_admin_refuses_a_second_writing_of_a_tag(client, shop):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    tag_of = Tag.objects.create(shop=shop, name="Do Not Text")
    add, change = "admin:customers_tag_add", "admin:customers_tag_change"

    refused = client.post(reverse(add), {"shop": shop.pk, "name": "do  not text"})
    elsewhere = client.post(reverse(add), {"shop": ShopFactory().pk, "name": "do  not text"})
    renamed = client.post(
        reverse(change, args=[tag_of.pk]), {"shop": shop.pk, "name": "Do not  text"}
    )

    assert refused.context["adminform"].form.errors == {
        "name": ["This shop has the tag Do Not Text already."]
    }
    assert (elsewhere.status_code, renamed.status_code) == (302, 302)
    assert tags_of(shop) == ["Do not text"]


def test_the_list_of_customers_finds_every_writing(shop):
    people = [CustomerFactory(shop=shop, last_name=name) for name in ("Adams", "Brown")]
    for person, name in zip(people, ("VIP", "vip"), strict=True):
        tag(shop, person, name)
    tag(shop, people[0], "vip")

    page = person_client(shop).get("/customers/", {"tag": "Vip"})

    assert [row.last_name for row in page.context["page_obj"]] == ["Adams", "Brown"]
    assert (page.context["tag"], page.context["tags"]) == ("VIP", ["VIP"])
    assert page.content.decode().count("<option selected>VIP</option>") == 1


@pytest.mark.parametrize(
    ("asked", "path", "meant"),
    [
        ({"tags": "gaum"}, "tags", "Guam"),
        ({"not": {"any": [{"tags": ["guam", "gaum"]}]}}, "not.any.0.tags.1", "Guam"),
        ({"not": {"tags_all": ["donot text"]}}, "not.tags_all", "Do Not Text"),
        (
            {"not": {"visit_count": {"min": 1, "service_category": ["Baerd"]}}},
            "not.visit_count.service_category",
            "Beard",
        ),
    ],
)
def test_a_misspelt_word_is_refused_with_the_nearest_and_its_place(api, shop, asked, path, meant):
    for name in ("Guam", "Do Not Text"):
        Tag.objects.create(shop=shop, name=name)
    ServiceFactory(shop=shop, category="Beard")

    refused = api.post("/api/segments", {"name": "Some", "criteria": asked})

    assert refused.status_code == 400
    message = str(refused.json()["error"])
    assert f"{path}: There is no " in message
    assert f'Did you mean \\"{meant}\\"?' in message or f'Did you mean "{meant}"?' in message
    assert not CustomerSegment.objects.exists()
    with pytest.raises(CriteriaError) as error:
        criteria.check(criteria.parse(asked), shop=shop)
    assert error.value.path == path


def test_a_word_that_nobody_has_yet_is_taken_and_says_so(api, shop):
    Tag.objects.create(shop=shop, name="vip 2026")
    Tag.objects.create(shop=ShopFactory(), name="weddings")
    asked = {"tags": ["vip 2027", "wedding"], "visit_count": {"min": 1, "service_category": "Wax"}}

    made = api.post("/api/segments", {"name": "Some", "criteria": asked})

    assert made.status_code == 201
    assert made.json()["sentence"] == (
        "Customers who are tagged vip 2027 (no such tag yet) or wedding (no such tag yet) "
        "and who came at least 1 time for Wax (no such category yet)."
    )


def test_categories_are_alike_whatever_their_letters(shop):
    """Also letters that are not English, on both databases."""
    sam = CustomerFactory(shop=shop)
    AppointmentFactory(
        customer=sam, status="completed", service=ServiceFactory(shop=shop, category="Ärmel  hair")
    )
    CustomerFactory(shop=shop)

    assert found({"visit_count": {"min": 1, "service_category": "ÄRMEL Hair"}}, shop) == {sam.pk}


@pytest.mark.parametrize(("name", "value"), [("health_score", 40), ("lifecycle_stage", "new")])
def test_the_form_offers_health_only_where_somebody_has_a_value(shop, name, value):
    def offered():
        return [fact for _, facts in RulesEditor(shop=shop).facts for fact, _ in facts]

    def score(customer):
        CustomerHealthScore.objects.create(
            shop=customer.shop,
            customer=customer,
            score=40,
            stage="new",
            computed_at=customer.created_at,
        )

    score(CustomerFactory())
    assert name not in offered()
    assert "does not compute it yet" in criteria.FACTS[name].description
    score(CustomerFactory(shop=shop))
    assert name in offered()


def test_customers_of_another_shop_keep_their_tags(shop):
    rival = ShopFactory()
    theirs = CustomerFactory(shop=rival)
    tag(rival, theirs, "VIP")

    set_tags([(CustomerFactory(shop=shop), ["vip"])], shop=shop)

    assert (tags_of(shop), tags_of(rival)) == (["vip"], ["VIP"])
    assert Customer.objects.filter(customer_tags__tag__shop=rival).get() == theirs
