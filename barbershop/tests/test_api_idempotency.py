import datetime as dt
import json
import threading

import pytest
from django.db import connection
from django.utils import timezone

from barbershop.api import idempotency
from barbershop.models import Barber, IdempotencyKey
from barbershop.tests.api import person_client, post_json, token_client
from barbershop.tests.factories import ShopFactory

pytestmark = pytest.mark.django_db
PATH = "/api/barbers"
TONY = {"first_name": "Tony"}


def post(api, body=None, key="k1", path=PATH):
    return api.post(path, body or TONY, headers={"Idempotency-Key": key})


def test_repeated_request_gets_the_first_answer_and_has_no_second_effect(api):
    first, second = post(api), post(api)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Barber.objects.count() == 1


def test_without_a_key_every_request_works(api):
    api.post(PATH, TONY)
    api.post(PATH, TONY)

    assert Barber.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_same_key_with_another_body_is_a_conflict(api):
    post(api)
    answer = post(api, {"first_name": "Ann"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert Barber.objects.count() == 1


@pytest.mark.parametrize("path", ["/api/services", "/api/barbers?dry=1"])
def test_same_key_for_another_address_is_a_conflict(api, path):
    post(api)

    assert post(api, path=path).status_code == 409


def test_slash_at_the_end_is_the_same_address(api):
    post(api)

    assert post(api, path=f"{PATH}/").headers["Idempotency-Replayed"] == "true"


def test_key_belongs_to_its_shop(api):
    post(api)
    other = post(token_client(ShopFactory()))

    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other.headers


def test_key_in_progress_is_a_conflict_and_free_again_when_abandoned(shop, api):
    raw = json.dumps(TONY)
    digest = idempotency.hashlib.sha256(b"\n" + raw.encode()).hexdigest()
    entry = idempotency.claim(shop=shop, key="k1", path=PATH, digest=digest)

    busy = post_json(api, PATH, raw, headers={"Idempotency-Key": "k1"})
    longer_ago = timezone.now() - idempotency.ABANDONED_AFTER - dt.timedelta(seconds=1)
    IdempotencyKey.objects.filter(pk=entry.pk).update(created_at=longer_ago)
    free = post_json(api, PATH, raw, headers={"Idempotency-Key": "k1"})

    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "in_progress")
    assert free.status_code == 201


def test_refusal_of_the_body_is_kept_too(api):
    first, second = post(api, {"first_name": ""}), post(api, {"first_name": ""})

    assert (first.status_code, second.status_code) == (400, 400)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.content == first.content


def test_fault_of_ours_is_not_kept(api, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Barber, "save", fail)
        assert post(api).status_code == 500
    again = post(api)

    assert again.status_code == 201
    assert Barber.objects.count() == 1


def test_conflict_is_not_kept(api, monkeypatch):
    from barbershop.api.errors import Conflict

    def refuse(*args, **kwargs):
        raise Conflict("busy", "Not now.")

    with monkeypatch.context() as busy:
        busy.setattr(Barber, "save", refuse)
        assert post(api).status_code == 409

    assert post(api).status_code == 201


def test_refused_stranger_leaves_no_key(shop):
    assert post(token_client(shop, ["read"])).status_code == 403
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "x" * 256])
def test_key_that_is_empty_or_too_long_is_refused(api, key):
    answer = post(api, key=key)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    assert not Barber.objects.exists()


def test_key_of_255_characters_works(api):
    assert post(api, key="x" * 255).status_code == 201


def test_large_body_and_large_answer_are_kept_whole(api):
    items = [{"first_name": f"{'x' * 70}{n}", "external_id": f"b{n}"} for n in range(1000)]
    first, second = (post(api, items, path="/api/barbers/bulk") for _ in range(2))

    assert first.status_code == 200
    assert len(first.content) > 50_000
    assert second.content == first.content
    assert second.headers["Idempotency-Replayed"] == "true"


def test_people_may_use_keys_too(shop):
    api = person_client(shop)

    post(api)
    assert post(api).headers["Idempotency-Replayed"] == "true"


def test_keys_are_forgotten_after_a_week(api):
    post(api, key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(days=7, seconds=1))
    post(api, key="young")

    assert idempotency.forget_old() == 1
    assert [entry.key for entry in IdempotencyKey.objects.all()] == ["young"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one connection per thread")
@pytest.mark.django_db(transaction=True)
def test_of_many_equal_requests_at_once_one_works():
    api = token_client(ShopFactory())
    answers = []
    start = threading.Barrier(6)

    def ask():
        start.wait()
        answers.append(post(api).status_code)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert Barber.objects.count() == 1
