"""Replies as the shop sees them: on the page, in admin and by the API."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from barbershop.models import Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory
from barbershop.tests.query_counts import assert_same_queries
from communications.models import InboundMessage, Suppression
from communications.tests.answers import UNCLEAR, held
from communications.tests.reports import reply
from communications.tests.texts import PERSON, active_causes, text

pytestmark = pytest.mark.django_db

Role = Membership.Role
Cause = Suppression.Cause
LIST = reverse("replies")
INTRUDER = "+12125550111"


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.STAFF, **user):
        client.force_login(MembershipFactory(shop=shop, role=role, **user).user)
        return client

    return as_


def decide(answer) -> str:
    return reverse("reply-decide", args=[answer.pk])


def test_what_waits_comes_first_and_only_of_this_shop(sign_in, shop):
    waiting = held(shop)
    reply("thanks", sender=PERSON)
    held(phone=INTRUDER)

    context = sign_in().get(LIST).context

    outcomes = [row.outcome for row in context["page_obj"]]
    assert (outcomes, context["waiting"]) == (["held", "talk"], 1)
    assert context["page_obj"][0] == waiting


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("waiting", ["held"]), ("talk", ["talk"]), ("stop", []), ("nonsense", ["held", "talk"])],
)
def test_list_shows_what_is_asked_for(sign_in, shop, shown, expected):
    held(shop)
    reply("thanks", sender=PERSON)

    page = sign_in().get(LIST, {"show": shown}).context["page_obj"]

    assert [row.outcome for row in page] == expected


def test_words_of_an_answer_are_escaped(sign_in, shop):
    held(shop, body="why do you keep texting <script>alert(1)</script>")

    page = sign_in().get(LIST).content.decode()

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_page_says_what_a_decision_costs(sign_in, shop):
    held(shop)

    page = sign_in().get(LIST).content.decode()

    assert "A wrong hold costs one message" in page


@pytest.mark.parametrize(
    ("as_", "left"), [("stop", [Cause.STOP]), ("talk", [])], ids=["stop", "talk"]
)
def test_button_decides_once_with_a_name(sign_in, shop, as_, left):
    answer, intruder = held(shop), held(phone=INTRUDER)
    client = sign_in()

    for _ in range(2):
        assert client.post(decide(answer), {"as": as_}).headers["Location"] == LIST

    answer.refresh_from_db()
    assert answer.decided_as == as_
    assert answer.decided_by is not None
    assert active_causes(shop) == left
    assert active_causes(intruder.shop) == [Cause.HELD]


@pytest.mark.parametrize("posted", [{}, {"as": ""}, {"as": "help"}])
def test_without_a_decision_nothing_is_decided(sign_in, shop, posted):
    answer = held(shop)

    sign_in().post(decide(answer), posted)

    answer.refresh_from_db()
    assert answer.decided_at is None


def test_looking_decides_nothing(sign_in, shop):
    answer = held(shop)

    sign_in().get(decide(answer))

    answer.refresh_from_db()
    assert answer.decided_at is None


def test_another_shops_answer_is_not_found(sign_in):
    answer = held(phone=INTRUDER)

    assert sign_in().post(decide(answer), {"as": "talk"}).status_code == 404
    assert active_causes(answer.shop) == [Cause.HELD]


def test_who_may_only_look_decides_nothing_and_is_offered_nothing(sign_in, shop):
    answer = held(shop)
    client = sign_in(Role.READ_ONLY)

    page = client.get(LIST).content.decode()

    assert decide(answer) not in page
    assert client.post(decide(answer), {"as": "talk"}).status_code == 403
    assert active_causes(shop) == [Cause.HELD]


def test_list_asks_the_database_as_often_for_three_as_for_one(sign_in, shop):
    client = sign_in()
    numbers = iter(["+12125550121", "+12125550122", "+12125550123"])

    def add():
        message = text(shop, phone=next(numbers))
        reply(UNCLEAR, sender=message.address)

    assert_same_queries(client, LIST, make=add)


def test_home_says_how_many_wait(sign_in, shop):
    held(shop)
    held(phone=INTRUDER)

    assert sign_in().get(reverse("home")).context["waiting_replies"] == 1


ADMIN = "admin:communications_inboundmessage_changelist"


@pytest.mark.parametrize(("action", "left"), [("means_stop", [Cause.STOP]), ("means_talk", [])])
def test_admin_asks_and_then_decides(sign_in, shop, action, left):
    answer, intruder = held(shop), held(phone=INTRUDER)
    client = sign_in(Role.MANAGER, user__is_staff=True)
    form = {"action": action, ACTION_CHECKBOX_NAME: [answer.pk, intruder.pk]}

    question = client.post(reverse(ADMIN), form)
    between = active_causes(shop)
    client.post(reverse(ADMIN), form | {"confirm_token": question.context["token"]})

    assert between == [Cause.HELD]
    assert active_causes(shop) == left
    assert active_causes(intruder.shop) == [Cause.HELD]


def test_api_lists_the_shops_answers(shop):
    answer = held(shop)
    held(phone=INTRUDER)

    waiting = token_client(shop).get("/api/replies/?waiting=true").json()["results"]
    others = token_client(shop).get("/api/replies/?waiting=false").json()["results"]

    assert [row["id"] for row in waiting] == [answer.pk]
    assert (waiting[0]["outcome"], waiting[0]["body"]) == ("held", UNCLEAR)
    assert others == []


def test_api_decides_once(shop):
    answer = held(shop)
    path = f"/api/replies/{answer.pk}/decide"

    first = token_client(shop).post(path, {"decision": "stop"}, format="json")
    again = token_client(shop).post(path, {"decision": "talk"}, format="json")

    assert (first.status_code, first.json()["decided_as"]) == (200, "stop")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_waiting")
    assert active_causes(shop) == [Cause.STOP]


@pytest.mark.parametrize("body", [{}, {"decision": "help"}, {"decision": "stop", "by": 1}])
def test_api_refuses_what_is_no_decision(shop, body):
    answer = held(shop)

    response = token_client(shop).post(f"/api/replies/{answer.pk}/decide", body, format="json")

    assert response.status_code == 400
    assert active_causes(shop) == [Cause.HELD]


def test_api_does_not_decide_for_another_shop(shop):
    answer = held(phone=INTRUDER)

    response = token_client(shop).post(
        f"/api/replies/{answer.pk}/decide", {"decision": "talk"}, format="json"
    )

    assert response.status_code == 404
    assert InboundMessage.objects.get(pk=answer.pk).decided_at is None
