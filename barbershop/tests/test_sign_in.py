import pytest
from django.test import Client

from barbershop.models import User
from barbershop.tests.factories import MembershipFactory, ShopFactory

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "tony@shop.example.test", "correct horse battery"


@pytest.fixture
def user():
    user = User.objects.create_user(EMAIL, PASSWORD)
    MembershipFactory(user=user, shop=ShopFactory())
    return user


def sign_in(client, *, email=EMAIL, password=PASSWORD, onward=""):
    return client.post(f"/login/{onward}", {"username": email, "password": password})


def test_person_signs_in_and_out(user, client):
    assert client.get("/login/").status_code == 200
    assert sign_in(client).url == "/"
    assert client.get("/api/barbers").status_code == 200

    assert client.post("/logout/").url == "/login/"
    assert client.get("/api/barbers").status_code == 401


def test_sign_in_leads_where_one_wanted_to_go_but_not_elsewhere(user):
    assert sign_in(Client(), onward="?next=/api/barbers").url == "/api/barbers"
    assert sign_in(Client(), onward="?next=https://evil.example/").url == "/"


def test_wrong_password_and_unknown_person_get_the_same_answer(user):
    def errors(email, password):
        answer = sign_in(Client(), email=email, password=password)
        assert answer.status_code == 200
        return answer.context["form"].non_field_errors()

    wrong = errors(EMAIL, "wrong")
    assert wrong
    assert errors("nobody@shop.example.test", "wrong") == wrong


def test_signing_out_by_a_link_is_refused(user, client):
    sign_in(client)

    assert client.get("/logout/").status_code == 405
    assert client.get("/api/barbers").status_code == 200


def test_guessing_is_stopped_even_for_the_right_password(user, settings):
    client = Client()
    statuses = [
        sign_in(client, password="wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)
    ]

    assert statuses[:-1] == [200] * (settings.AXES_FAILURE_LIMIT - 1)
    assert sign_in(client).status_code == 429
    assert client.get("/api/barbers").status_code == 401


def test_session_cookie_is_kept_from_scripts(user, client):
    cookie = sign_in(client).cookies["sessionid"]

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
