import pytest
from django.utils import timezone

from barbershop.api.batch import Batch
from barbershop.api.bulk import UpsertMixin
from barbershop.api.serializers import ShopSerializer
from barbershop.models import Service
from barbershop.tests.api import post_json
from barbershop.tests.factories import BarberFactory, ServiceFactory

pytestmark = pytest.mark.django_db


def cut(number, **values) -> dict:
    return {"external_id": f"s{number}", "name": f"Cut {number}", "price": 1000, **values}


def statuses(answer) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


def test_unknown_external_id_creates_and_a_known_one_updates(api, shop):
    ServiceFactory(external_id="s1", name="Intruder")
    first = api.post("/api/services", cut(1))
    second = api.post("/api/services", cut(1, price=1200))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Service.objects.for_shop(shop).get().price == 1200
    assert Service.objects.exclude(shop=shop).get().name == "Intruder"


def test_update_keeps_what_is_left_out(api, shop):
    api.post("/api/services", cut(1, category="hair"))
    answer = api.post("/api/services", {"external_id": "s1", "price": 5})

    service = Service.objects.for_shop(shop).get()
    assert answer.status_code == 200
    assert (service.name, service.category, service.price) == ("Cut 1", "hair", 5)


def test_rows_without_external_id_are_always_new(api):
    assert [api.post("/api/barbers", {"first_name": "Tony"}).status_code for _ in "ab"] == [
        201,
        201,
    ]


def test_bulk_says_of_each_item_what_became_of_it(api, shop):
    known = ServiceFactory(shop=shop, external_id="s1", name="Cut 1", price=1000)
    same = ServiceFactory(shop=shop, external_id="s2", name="Cut 2", price=1000)
    ServiceFactory(external_id="s3", name="Intruder")
    items = [cut(1, price=1), cut(2), cut(3), cut(4, price=-1), {"name": "Shave"}, 7]

    body = api.post("/api/services/bulk", items).json()

    assert [r["status"] for r in body["results"]] == [
        "updated",
        "unchanged",
        "created",
        "error",
        "created",
        "error",
    ]
    counts = {name: body[name] for name in ("created", "updated", "unchanged", "errors")}
    assert counts == {"created": 2, "updated": 1, "unchanged": 1, "errors": 2}
    assert [r["index"] for r in body["results"]] == [0, 1, 2, 3, 4, 5]
    assert [r["id"] for r in body["results"][:2]] == [known.pk, same.pk]
    created = Service.objects.get(shop=shop, external_id="s3")
    assert (body["results"][2]["id"], created.name) == (created.pk, "Cut 3")
    assert list(body["results"][3]["error"]["fields"]) == ["price"]
    assert Service.objects.for_shop(shop).count() == 4


def test_bulk_takes_an_object_with_items(api):
    assert statuses(api.post("/api/services/bulk", {"items": [cut(1)]})) == ["created"]


def test_later_item_with_the_same_external_id_updates_the_earlier(api, shop):
    answer = api.post("/api/services/bulk", [cut(1), cut(1, price=7), cut(1, price=7)])

    assert statuses(answer) == ["created", "updated", "unchanged"]
    assert Service.objects.for_shop(shop).get().price == 7
    assert len({result["id"] for result in answer.json()["results"]}) == 1


def test_bulk_moves_updated_at_only_of_changed_rows(api, shop):
    before = timezone.now()
    ServiceFactory(shop=shop, external_id="s1", name="Cut 1", price=1000)
    ServiceFactory(shop=shop, external_id="s2", name="Cut 2", price=1000)
    Service.objects.update(updated_at=before)

    api.post("/api/services/bulk", [cut(1, price=2), cut(2)])

    moved = Service.objects.for_shop(shop).filter(updated_at__gt=before)
    assert [service.external_id for service in moved] == ["s1"]


@pytest.mark.parametrize(
    "raw", ["[]", "{}", '{"items": {}}', '{"items": [], "more": 1}', '{"items": []}']
)
def test_bulk_without_items_is_refused(api, raw):
    answer = post_json(api, "/api/services/bulk", raw)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["items"])


def test_bulk_of_more_than_a_thousand_is_refused_whole(api):
    answer = api.post("/api/services/bulk", [cut(n) for n in range(1001)])

    assert answer.status_code == 400
    assert not Service.objects.exists()


def test_row_that_the_database_refuses_does_not_take_the_others_along(api, monkeypatch):
    from barbershop.api import catalog

    class Blind(catalog.ServiceSerializer):
        """Lets through what only the database refuses."""

        def build_standard_field(self, field_name, model_field):
            kind, kwargs = super().build_standard_field(field_name, model_field)
            kwargs.pop("min_value", None)
            kwargs.pop("validators", None)
            return kind, kwargs

    monkeypatch.setattr(catalog.ServiceViewSet, "serializer_class", Blind)
    body = api.post("/api/services/bulk", [cut(1), cut(2, price=-5), cut(3)]).json()

    assert [r["status"] for r in body["results"]] == ["created", "error", "created"]
    assert "price" in body["results"][1]["error"]["message"]
    assert sorted(Service.objects.values_list("external_id", flat=True)) == ["s1", "s3"]


def test_bulk_asks_the_database_as_often_for_many_items_as_for_few(
    api, django_assert_num_queries, django_assert_max_num_queries
):
    api.post("/api/services/bulk", [cut(0)])
    with django_assert_max_num_queries(12) as few:
        api.post("/api/services/bulk", [cut(n, price=2) for n in range(2)])
    assert Service.objects.count() == 2
    with django_assert_num_queries(len(few)):
        api.post("/api/services/bulk", [cut(n, price=3) for n in range(1, 50)])


@pytest.fixture
def overtaken(monkeypatch):
    """Whoever looks for a row finds none the first time: somebody else creates it just then."""

    def overtake(owner):
        found, looks = owner._existing, []

        def look(self, wanted):
            looks.append(wanted)
            nothing = {} if owner is Batch else None
            return found(self, wanted) if len(looks) > 1 else nothing

        monkeypatch.setattr(owner, "_existing", look)

    return overtake


@pytest.mark.parametrize("validates", [True, False])
def test_row_that_somebody_else_creates_meanwhile_is_updated(
    api, shop, overtaken, monkeypatch, validates
):
    ServiceFactory(external_id="s1", name="Intruder")
    theirs = ServiceFactory(shop=shop, external_id="s1", name="Theirs", category="hair")
    overtaken(UpsertMixin)
    if not validates:
        monkeypatch.setattr(ShopSerializer, "refuse_duplicates", lambda self, attrs: None)

    answer = api.post("/api/services", cut(1))

    assert (answer.status_code, answer.json()["id"]) == (200, theirs.pk)
    stored = Service.objects.for_shop(shop).get()
    assert (stored.name, stored.category) == ("Cut 1", "hair")


def test_bulk_item_that_somebody_else_creates_meanwhile_is_updated(api, shop, overtaken):
    ServiceFactory(external_id="s1", name="Intruder")
    theirs = ServiceFactory(shop=shop, external_id="s1", name="Theirs", category="hair")
    same = ServiceFactory(shop=shop, external_id="s2", name="Cut 2", price=1000)
    overtaken(Batch)
    items = [cut(1), cut(2), cut(3), cut(1, price=7), cut(3, price=-1)]

    answer = api.post("/api/services/bulk", items)

    assert statuses(answer) == ["updated", "unchanged", "created", "updated", "error"]
    assert [r["id"] for r in answer.json()["results"][:2]] == [theirs.pk, same.pk]
    theirs.refresh_from_db()
    assert (theirs.name, theirs.category, theirs.price) == ("Cut 1", "hair", 7)
    assert Service.objects.for_shop(shop).count() == 3


def test_refusal_of_another_field_is_not_tried_again(api, shop):
    BarberFactory(shop=shop, external_id="b1")

    assert api.post("/api/barbers", {"first_name": ""}).status_code == 400
    assert api.post("/api/barbers", {"external_id": "b1", "first_name": ""}).status_code == 400


def test_changing_an_external_id_to_a_taken_one_is_refused(api, shop):
    BarberFactory(shop=shop, external_id="b1")
    other = BarberFactory(shop=shop, external_id="b2")

    answer = api.patch(f"/api/barbers/{other.pk}", {"external_id": "b1"})

    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {
        "external_id": ["It is taken already in this shop."]
    }
