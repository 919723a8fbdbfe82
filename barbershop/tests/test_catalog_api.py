import pytest

from barbershop.models import Barber, Service
from barbershop.tests.factories import ServiceFactory, ShopFactory

pytestmark = pytest.mark.django_db


def test_barber_is_made_read_changed_and_deleted(api, shop):
    made = api.post("/api/barbers/", {"first_name": "Tony", "external_id": "b1"}).json()
    path = f"/api/barbers/{made['id']}/"

    assert api.get(path).json() == made
    assert api.patch(path, {"last_name": "Soprano"}).json()["last_name"] == "Soprano"
    assert api.patch(path, {"first_name": "Anthony"}).json()["first_name"] == "Anthony"
    assert api.put(path, {"first_name": "Al"}).status_code == 405
    assert str(Barber.objects.get(shop=shop)) == "Anthony Soprano"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_service_shows_exactly_its_fields(api, shop):
    service = ServiceFactory(shop=shop)

    assert set(api.get(f"/api/services/{service.pk}").json()) == {
        "id",
        "external_id",
        "name",
        "category",
        "price",
        "duration_minutes",
        "is_active",
        "created_at",
        "updated_at",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Cut", "price": -1}, "price"),
        ({"name": "Cut", "price": 1.5}, "price"),
        ({"name": "Cut", "price": "free"}, "price"),
        ({"name": "Cut", "duration_minutes": 40_000}, "duration_minutes"),
        ({"name": "Cut", "is_active": "perhaps"}, "is_active"),
        ({"name": ["Cut"]}, "name"),
        ({"name": 5}, "name"),
        ({"name": True}, "name"),
        ({"name": "Cut\r\nand shave"}, "name"),
        ({"name": "Cut \u202eevahs"}, "name"),
        ({"name": "Cut", "id": 7}, "id"),
        ({"name": "Cut", "created_at": "2026-01-01T00:00:00Z"}, "created_at"),
        ({"name": "Cut", "shop": 1}, "shop"),
    ],
)
def test_wrong_service_is_refused_and_not_made(api, body, field):
    answer = api.post("/api/services", body)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not Service.objects.exists()


def test_shop_of_the_asking_token_is_the_shop_of_the_row(api, shop):
    ShopFactory()
    api.post("/api/services", {"name": "Cut"})

    assert Service.objects.get().shop == shop


def test_row_may_be_written_back_as_it_was_read(api, shop):
    service = ServiceFactory(shop=shop, name="Cut")
    read = api.get(f"/api/services/{service.pk}").json()
    read |= {"name": "Shave", "created_at": read["created_at"].replace("Z", "+00:00")}

    answer = api.patch(f"/api/services/{service.pk}", read)

    assert (answer.status_code, answer.json()["name"]) == (200, "Shave")


def test_new_value_of_what_is_only_read_is_refused(api, shop):
    service = ServiceFactory(shop=shop, name="Cut")
    body = {"name": "Shave", "id": service.pk + 1, "created_at": "2020-01-01T00:00:00Z"}

    fields = api.patch(f"/api/services/{service.pk}", body).json()["error"]["fields"]

    assert fields == {name: ["This is read-only."] for name in ("id", "created_at")}
    service.refresh_from_db()
    assert service.name == "Cut"


def test_unlike_word_is_answered_with_the_fields_that_can_be_written(api):
    (message,) = api.post("/api/barbers", {"zzz": 1}).json()["error"]["fields"]["zzz"]

    assert message == "Unknown field. Known are: external_id, first_name, is_active, last_name."


def test_emoji_and_joined_letters_are_names(api):
    for name in (
        "Barbe \U0001f9d4\u200d\u2642\ufe0f",
        "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645",
    ):
        assert api.post("/api/services", {"name": name}).json()["name"] == name
