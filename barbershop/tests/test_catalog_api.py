import pytest

from barbershop.models import Barber, Service
from barbershop.tests.api import token_client
from barbershop.tests.factories import ServiceFactory, ShopFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def client(shop):
    return token_client(shop)


def test_barber_is_made_read_changed_and_deleted(client, shop):
    made = client.post("/api/barbers/", {"first_name": "Tony", "external_id": "b1"}).json()
    path = f"/api/barbers/{made['id']}/"

    assert client.get(path).json() == made
    assert client.patch(path, {"last_name": "Soprano"}).json()["last_name"] == "Soprano"
    assert client.put(path, {"first_name": "Anthony"}).json()["first_name"] == "Anthony"
    assert str(Barber.objects.get(shop=shop)) == "Anthony Soprano"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_service_shows_exactly_its_fields(client, shop):
    service = ServiceFactory(shop=shop)

    assert set(client.get(f"/api/services/{service.pk}").json()) == {
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
        ({"name": "Cut", "shop": 1}, "shop"),
    ],
)
def test_wrong_service_is_refused_and_not_made(client, body, field):
    answer = client.post("/api/services", body)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not Service.objects.exists()


def test_shop_of_the_asking_token_is_the_shop_of_the_row(client, shop):
    ShopFactory()
    client.post("/api/services", {"name": "Cut"})

    assert Service.objects.get().shop == shop
