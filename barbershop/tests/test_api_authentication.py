import datetime as dt

import pytest
from rest_framework.test import APIClient

from barbershop.models import ApiToken, Membership
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import BarberFactory, ShopFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
PATH = "/api/barbers"


def ask(authorization: str):
    return APIClient().get(PATH, HTTP_AUTHORIZATION=authorization)


def issue(**kwargs):
    shop = ShopFactory()
    return ApiToken.issue(shop=shop, name="till", scopes={"read"}, **kwargs)


def test_token_opens_its_own_shop():
    barber = BarberFactory()
    BarberFactory()  # of another shop

    results = token_client(barber.shop).get(PATH).json()["results"]

    assert [result["id"] for result in results] == [barber.pk]


def test_request_without_a_token_is_told_the_header_to_send():
    answer = APIClient().get(PATH)

    assert answer.status_code == 401
    assert "Authorization: Bearer <token>" in answer.json()["error"]["message"]


def test_token_is_stored_only_as_a_digest():
    token, plain = issue()

    stored = {str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get()}
    assert not any(plain in value for value in stored)


def test_word_bearer_may_be_written_in_any_case():
    _, plain = issue()

    assert ask(f"bearer {plain}").status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer a b", "Bearer wrong", "Bearer \xe9", "Bearer " + "x" * 5000],
)
def test_wrong_token_is_a_401_that_says_how_to_ask(authorization):
    answer = ask(authorization)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["error"] == {
        "code": "authentication_failed",
        "message": "The token is missing, wrong, expired or revoked.",
        "fields": {},
    }


@pytest.mark.parametrize("authorization", ["", "Basic dTpw", "Token abc"])
def test_no_token_is_a_401(authorization):
    answer = ask(authorization)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")


def test_expired_and_revoked_tokens_get_the_answer_of_a_wrong_one(time_machine):
    time_machine.move_to(NOW, tick=False)
    _, expired = issue(expires_at=NOW)
    token, revoked = issue()
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=NOW)

    bodies = {ask(f"Bearer {plain}").content for plain in (expired, revoked, "bs_wrong")}

    assert len(bodies) == 1
    assert b"wrong, expired or revoked" in bodies.pop()


def test_token_works_until_it_expires(time_machine):
    time_machine.move_to(NOW, tick=False)
    _, plain = issue(expires_at=NOW + dt.timedelta(seconds=1))

    assert ask(f"Bearer {plain}").status_code == 200
    time_machine.move_to(NOW + dt.timedelta(seconds=1), tick=False)
    assert ask(f"Bearer {plain}").status_code == 401


def test_last_use_is_noted_once_a_minute(time_machine):
    token, plain = issue()
    seen = []
    for seconds in (0, 59, 61):
        time_machine.move_to(NOW + dt.timedelta(seconds=seconds), tick=False)
        ask(f"Bearer {plain}")
        token.refresh_from_db()
        seen.append((token.last_used_at - NOW).seconds)

    assert seen == [0, 0, 61]


def test_token_counts_more_than_the_session_beside_it():
    mine, other = BarberFactory(), BarberFactory()
    client = person_client(other.shop)
    _, plain = ApiToken.issue(shop=mine.shop, name="till", scopes={"read"})

    results = client.get(PATH, HTTP_AUTHORIZATION=f"Bearer {plain}").json()["results"]

    assert [result["id"] for result in results] == [mine.pk]


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        (("read",), "get", 200),
        (("read",), "head", 200),
        (("read",), "options", 200),
        (("read",), "post", 403),
        (("write",), "get", 403),
        (("write",), "post", 201),
        (("send",), "get", 403),
        (("send",), "post", 403),
    ],
)
def test_scope_decides_what_a_token_may_do(scopes, method, status):
    client = token_client(ShopFactory(), scopes)

    answer = getattr(client, method)(PATH, {"first_name": "Tony"} if method == "post" else None)

    assert answer.status_code == status


def test_refusal_names_the_missing_scope():
    answer = token_client(ShopFactory(), ["read"]).post(PATH, {"first_name": "Tony"})

    assert answer.json()["error"] == {
        "code": "permission_denied",
        "message": 'This needs the scope "write".',
        "fields": {},
    }


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("read_only", 200, 403), ("staff", 200, 201), ("manager", 200, 201), ("owner", 200, 201)],
)
def test_role_decides_what_a_person_may_do(role, reads, writes):
    client = person_client(ShopFactory(), role)

    assert client.get(PATH).status_code == reads
    assert client.post(PATH, {"first_name": "Tony"}).status_code == writes


def test_person_without_a_shop_is_refused():
    shop = ShopFactory()
    client = person_client(shop)
    Membership.objects.all().delete()

    answer = client.get(PATH)

    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "You do not belong to any shop."


def test_person_writes_only_with_a_csrf_token():
    client = person_client(ShopFactory(), csrf=True)

    refused = client.post(PATH, {"first_name": "Tony"})
    client.get("/login/")
    client.cookies["csrftoken"] = "c" * 32
    accepted = client.post(PATH, {"first_name": "Tony"}, HTTP_X_CSRFTOKEN="c" * 32)

    assert (refused.status_code, accepted.status_code) == (403, 201)
    assert "CSRF" in refused.json()["error"]["message"]


def test_actions_that_send_need_the_scope_send():
    from barbershop.api.permissions import scope_needed

    class Asked:
        method = "POST"

    class View:
        action = "execute"
        send_actions = frozenset({"execute"})

    assert scope_needed(Asked, View) == "send"
    View.action = "clone"
    assert scope_needed(Asked, View) == "write"
    View.needs_send = True
    assert scope_needed(Asked, View) == "send"
    Asked.method = "GET"
    assert scope_needed(Asked, View) == "read"
