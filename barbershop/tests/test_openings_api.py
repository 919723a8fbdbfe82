"""When chairs are free, as booking systems report it."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import Opening
from barbershop.tests.factories import BarberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def tony(shop):
    return BarberFactory(shop=shop, external_id="tony")


def test_opening_is_told_corrected_by_its_external_id_and_taken(api, tony):
    body = {"external_id": "o1", "barber_external_id": "tony", "starts_at": "2099-07-01T09:30:00"}

    made = api.post("/api/openings/", body)
    moved = api.post("/api/openings/", body | {"starts_at": "2099-07-01T10:00:00-04:00"})

    assert (made.status_code, moved.status_code) == (201, 200)
    assert made.json()["starts_at"] == "2099-07-01T13:30:00Z"  # in the shop's zone
    (row,) = api.get("/api/openings/").json()["results"]
    assert row == moved.json()
    assert (row["barber"], row["starts_at"], row["duration_minutes"]) == (
        tony.pk,
        "2099-07-01T14:00:00Z",
        30,
    )
    assert api.delete(f"/api/openings/{row['id']}").status_code == 204
    assert Opening.objects.count() == 0


def test_list_is_in_time_without_the_past_and_chosen_by_barber_and_time(api, shop, tony):
    now = timezone.now()
    later = OpeningFactory(barber=tony, starts_at=now + 5 * HOUR)
    sooner = OpeningFactory(barber=BarberFactory(shop=shop), starts_at=now + HOUR)
    OpeningFactory(barber=tony, starts_at=now - HOUR)

    def ids(query=""):
        return [row["id"] for row in api.get(f"/api/openings/{query}").json()["results"]]

    assert ids() == [sooner.pk, later.pk]
    assert ids("?barber_external_id=tony") == [later.pk]
    assert ids(f"?barber={sooner.barber_id}") == [sooner.pk]
    until = (now + 2 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (ids(f"?starts_before={until}"), ids(f"?starts_after={until}")) == (
        [sooner.pk],
        [later.pk],
    )


def test_bulk_call_answers_for_each_and_past_ones_can_be_corrected(api, tony):
    past = OpeningFactory(
        barber=tony, external_id="old", starts_at=timezone.now() - HOUR, duration_minutes=20
    )
    at = "2099-07-01T09:30:00Z"
    items = [
        {"external_id": "old", "duration_minutes": 45},
        {"external_id": "new", "barber": tony.pk, "starts_at": at},
        {"external_id": "twin", "barber": tony.pk, "starts_at": at},
        {"external_id": "whose", "starts_at": at},
    ]

    answer = api.post("/api/openings/bulk", items, format="json").json()

    assert [item["status"] for item in answer["results"]] == [
        "updated",
        "created",
        "error",
        "error",
    ]
    past.refresh_from_db()
    assert (past.duration_minutes, Opening.objects.count()) == (45, 2)


def test_barber_of_another_shop_is_refused(api):
    answer = api.post(
        "/api/openings/", {"barber": BarberFactory().pk, "starts_at": "2099-07-01T09:30:00Z"}
    )

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["barber"])
