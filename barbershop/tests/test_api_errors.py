import pytest
from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError
from django.http import Http404
from django.test import Client
from rest_framework import exceptions

from barbershop.api.errors import ApiError, Conflict, body_of, exception_handler, flatten
from barbershop.models import Barber
from barbershop.tests.api import post_json, token_client
from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory


def answer_to(exc) -> tuple[int, str, str]:
    response = exception_handler(exc, {})
    error = response.data["error"]
    return response.status_code, error["code"], error["message"]


def test_nested_messages_are_found_by_their_path():
    detail = {
        "name": ["Required."],
        "channels": {"email": {"subject": ["Too long."]}, "non_field_errors": ["Empty."]},
        "segments": [{}, {"id": ["Unknown."]}],
        "non_field_errors": ["No."],
    }

    assert flatten(detail) == {
        "name": ["Required."],
        "channels.email.subject": ["Too long."],
        "channels": ["Empty."],
        "segments.1.id": ["Unknown."],
        "non_field_errors": ["No."],
    }


def test_message_names_the_first_field_and_counts_the_others():
    error = body_of(exceptions.ValidationError({"a": ["Wrong."], "b": ["Bad."]}))["error"]

    assert error["message"] == "a: Wrong. (And 1 more; see fields.)"


@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (Http404(), (404, "not_found", "There is nothing here under that id.")),
        (Conflict("busy", "Not now."), (409, "busy", "Not now.")),
        (ApiError("odd", "Odd.", status=422), (422, "odd", "Odd.")),
        (ModelError({"phone": ["No number."]}), (400, "invalid", "phone: No number.")),
        (ModelError("No."), (400, "invalid", "No.")),
        (
            exceptions.MethodNotAllowed("GET"),
            (405, "method_not_allowed", 'Method "GET" not allowed.'),
        ),
        (
            IntegrityError("CHECK constraint failed: offer_kind_is_known"),
            (400, "constraint", "The values break a rule: offer kind is known."),
        ),
        (
            IntegrityError('x violates check constraint "offer_kind_is_known"'),
            (400, "constraint", "The values break a rule: offer kind is known."),
        ),
        (
            IntegrityError("UNIQUE constraint failed: barbers.external_id"),
            (409, "duplicate", "Another record with the same identity exists already."),
        ),
    ],
)
def test_exception_becomes_its_answer(exc, expected):
    assert answer_to(exc) == expected


@pytest.mark.parametrize("exc", [ValueError("ours"), IntegrityError("NOT NULL failed: x.y")])
def test_fault_of_ours_is_not_dressed_up(exc):
    assert exception_handler(exc, {}) is None


def test_throttled_request_says_when_to_come_back():
    response = exception_handler(exceptions.Throttled(wait=7), {})

    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


@pytest.mark.django_db
def test_fault_of_ours_is_a_500_in_the_one_shape_without_its_details(monkeypatch):
    client = token_client(ShopFactory())

    def fail(*args, **kwargs):
        raise RuntimeError("password is hunter2")

    monkeypatch.setattr(Barber, "save", fail)
    answer = client.post("/api/barbers", {"first_name": "Tony"})

    assert answer.status_code == 500
    assert answer.json() == {
        "error": {"code": "error", "message": "Something went wrong on our side.", "fields": {}}
    }


@pytest.mark.django_db
def test_unknown_field_is_refused_naming_the_nearest():
    client = token_client(ShopFactory())

    fields = client.post("/api/barbers", {"frist_name": "Tony"}).json()["error"]["fields"]

    assert fields == {"frist_name": ["Unknown field. Did you mean first_name?"]}


@pytest.mark.django_db
def test_number_that_postgresql_cannot_hold_is_refused_on_both_databases():
    client = token_client(ShopFactory())

    answer = client.post("/api/services", {"name": "Cut", "price": 2**31})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["price"])


@pytest.mark.django_db
def test_body_beyond_json_is_refused_even_by_an_action_that_reads_none():
    barber = BarberFactory()

    answer = token_client(barber.shop).delete(
        f"/api/barbers/{barber.pk}", data="{", content_type="application/json"
    )

    assert answer.status_code == 400
    assert Barber.objects.filter(pk=barber.pk).exists()


@pytest.mark.django_db
def test_row_that_others_depend_on_is_not_deleted(monkeypatch):
    from django.db.models import ProtectedError

    service = ServiceFactory()

    def refuse(self, *args, **kwargs):
        raise ProtectedError("depends", {self})

    monkeypatch.setattr(type(service), "delete", refuse)
    answer = token_client(service.shop).delete(f"/api/services/{service.pk}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_use")


def test_page_that_is_not_there_is_a_page_for_people_and_json_for_machines():
    client = Client(raise_request_exception=False)

    person, machine, hook = (client.get(p) for p in ("/nope/", "/api/nope", "/webhooks/nope"))

    assert [a.status_code for a in (person, machine, hook)] == [404, 404, 404]
    assert person.headers["Content-Type"].startswith("text/html")
    assert machine.json()["error"]["code"] == hook.json()["error"]["code"] == "not_found"


@pytest.mark.django_db
def test_utf8_mark_before_the_json_is_read_over():
    client = token_client(ShopFactory())

    assert post_json(client, "/api/barbers", b'\xef\xbb\xbf{"first_name": "T"}').status_code == 201
