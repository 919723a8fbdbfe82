import pytest

from barbershop.models import AuditEntry, Membership
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import ShopFactory
from communications.models import Suppression
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import in_call
from customers.addresses import address_hmac
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

LEDGER = "/api/communications/"
SUPPRESSIONS = "/api/suppressions/"
Cause = Suppression.Cause


def suppress(shop, cause=Cause.BOUNCED, hmac="a" * 32):
    return Suppression.objects.create(shop=shop, channel="email", address_hmac=hmac, cause=cause)


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_ledger_lists_the_shops_messages_newest_first(api, shop):
    first = CommunicationFactory(dispatch__shop=shop)
    second = CommunicationFactory(dispatch__shop=shop)
    CommunicationFactory()

    assert ids(api.get(LEDGER)) == [second.pk, first.pk]


def test_message_shows_the_state_of_its_call(api, shop):
    message = in_call(dispatch__shop=shop, state="unknown", delivery=50)

    shown = api.get(f"{LEDGER}{message.pk}/").json()

    assert shown["state"] == "unknown"
    assert shown["delivery"] == "delivered"
    assert shown["sending_at"] is not None
    assert shown["accepted_at"] is None
    assert shown["uuid"] == str(message.uuid)


def test_ledger_is_filtered_by_state_and_customer(api, shop):
    accepted = in_call(dispatch__shop=shop)
    waiting = CommunicationFactory(dispatch__shop=shop)

    assert ids(api.get(LEDGER, {"state": "accepted"})) == [accepted.pk]
    assert ids(api.get(LEDGER, {"state": "pending"})) == [waiting.pk]
    assert ids(api.get(LEDGER, {"customer": waiting.customer_id})) == [waiting.pk]
    assert ids(api.get(LEDGER, {"uuid": str(accepted.uuid)})) == [accepted.pk]
    assert api.get(LEDGER, {"state": "in_call"}).status_code == 400


def test_ledger_is_filtered_by_dispatch_and_channel(api, shop):
    mine = CommunicationFactory(dispatch__shop=shop)
    CommunicationFactory(dispatch__shop=shop)
    foreign = CommunicationFactory()

    assert ids(api.get(LEDGER, {"dispatch": mine.dispatch_id, "channel": mine.channel})) == [
        mine.pk
    ]
    assert ids(api.get(LEDGER, {"dispatch": foreign.dispatch_id})) == []


@pytest.mark.parametrize(
    ("channel", "name", "written", "values"),
    [
        ("sms", "phone", "+12125550199", ["+12125550199", "(212) 555-0199", "1 212 555 0199"]),
        ("email", "email", "sam@example.test", ["sam@example.test", " Sam@EXAMPLE.test "]),
    ],
)
def test_what_was_written_to_an_address_is_found_whoever_has_it_today(
    api, shop, channel, name, written, values
):
    attribute = {"sms": "phone", "email": "email"}[channel]
    customer = CustomerFactory(shop=shop, **{attribute: written})
    mine = in_call(dispatch__shop=shop, channel=channel, customer=customer)
    CommunicationFactory(dispatch__shop=shop, channel=channel)
    stranger = CustomerFactory(**{attribute: written})
    in_call(dispatch__shop=stranger.shop, channel=channel, customer=stranger)
    setattr(customer, attribute, "")
    customer.save()

    for value in values:
        assert ids(api.get(LEDGER, {name: value})) == [mine.pk]


def test_two_addresses_at_once_find_nothing(api, shop):
    message = in_call(dispatch__shop=shop, channel="sms")

    found = api.get(LEDGER, {"phone": message.address, "email": message.customer.email})

    assert ids(found) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "call me"),
        ("phone", "+1"),
        ("phone", "\x00"),
        ("phone", "9" * 5000),
        ("email", "sam"),
        ("email", "sam@"),
        ("email", "a@b@" + "c" * 300),
    ],
)
def test_address_that_is_none_is_refused(api, name, value):
    answer = api.get(LEDGER, {name: value})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [name])


@pytest.mark.parametrize("word", ["page", "ordering", "search"])
def test_word_that_would_do_nothing_in_the_ledger_is_refused(api, word):
    answer = api.get(LEDGER, {word: "2"})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [word])


def test_unknown_state_is_refused_naming_those_there_are(api):
    answer = api.get(LEDGER, {"state": "sent"})

    assert "accepted" in answer.json()["error"]["fields"]["state"][0]


def test_foreign_message_is_not_found(api):
    foreign = CommunicationFactory()

    assert api.get(f"{LEDGER}{foreign.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_ledger_cannot_be_written(api, shop, method):
    message = CommunicationFactory(dispatch__shop=shop)

    answer = getattr(api, method)(f"{LEDGER}{message.pk}/", {"address": "x@example.test"})

    assert answer.status_code == 405


@pytest.mark.parametrize("path", [LEDGER, SUPPRESSIONS])
def test_list_asks_as_often_for_three_rows_as_for_one(
    api, shop, path, django_assert_num_queries, django_assert_max_num_queries
):
    def add():
        in_call(dispatch__shop=shop)
        suppress(shop, hmac=f"{Suppression.objects.count():032}")

    add()
    api.get(path)
    with django_assert_max_num_queries(10) as one:
        api.get(path)
    add()
    add()

    with django_assert_num_queries(len(one.captured_queries)):
        assert len(ids(api.get(path))) == 3


def test_suppressions_are_the_shops_own(api, shop):
    mine = suppress(shop)
    suppress(ShopFactory())

    assert ids(api.get(SUPPRESSIONS)) == [mine.pk]
    assert ids(api.get(SUPPRESSIONS, {"cause": "complained"})) == []


@pytest.mark.parametrize(
    ("channel", "address", "normal"),
    [
        ("email", " Sam@Example.TEST ", "sam@example.test"),
        ("sms", "(212) 555-0123", "+12125550123"),
    ],
)
def test_address_is_suppressed_by_hand(api, shop, channel, address, normal):
    answer = api.post(SUPPRESSIONS, {"channel": channel, "address": address, "note": "asked us"})

    row = Suppression.objects.get()
    assert answer.status_code == 201
    assert answer.json()["cause"] == "manual"
    assert "address" not in answer.json()
    assert (row.shop, row.channel, row.note) == (shop, channel, "asked us")
    assert row.address_hmac == address_hmac(normal)
    assert AuditEntry.objects.get(shop=shop).action == "suppression.add"


def test_suppressing_twice_changes_nothing(api):
    body = {"channel": "email", "address": "sam@example.test"}

    codes = [api.post(SUPPRESSIONS, body).status_code for _ in range(2)]

    assert codes == [201, 200]
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "email", "address": "no address"}, "address"),
        ({"channel": "sms", "address": "12"}, "address"),
        ({"channel": "email", "address": ""}, "address"),
        ({"channel": "email"}, "address"),
        ({"channel": "fax", "address": "a@example.test"}, "channel"),
        ({"address": "a@example.test"}, "channel"),
        ({"channel": "email", "address": "a@example.test", "cuase": "stop"}, "cuase"),
    ],
)
def test_wrong_body_is_refused_by_its_field(api, body, field):
    answer = api.post(SUPPRESSIONS, body)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert Suppression.objects.count() == 0


def test_cause_is_not_the_callers_to_choose(api):
    body = {"channel": "email", "address": "a@example.test", "cause": "erased"}

    answer = api.post(SUPPRESSIONS, body)

    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"cause": ["This is read-only."]}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("cause", [Cause.MANUAL, Cause.BOUNCED, Cause.PROVIDER])
def test_suppression_is_lifted_with_its_reason(api, shop, cause):
    row = suppress(shop, cause)

    answer = api.post(f"{SUPPRESSIONS}{row.pk}/lift", {"reason": "new mailbox"})

    assert answer.status_code == 200
    assert answer.json()["lift_reason"] == "new mailbox"
    assert answer.json()["lifted_at"] is not None
    assert list(Suppression.objects.active()) == []
    assert ids(api.get(SUPPRESSIONS, {"active": "true"})) == []
    assert AuditEntry.objects.get(shop=shop).action == "suppression.lift"


@pytest.mark.parametrize("cause", [Cause.STOP, Cause.UNSUBSCRIBED, Cause.COMPLAINED, Cause.ERASED])
def test_what_the_person_said_is_not_the_shops_to_lift(api, shop, cause):
    row = suppress(shop, cause)

    answer = api.post(f"{SUPPRESSIONS}{row.pk}/lift", {"reason": "he would love it"})

    assert answer.status_code == 409
    assert list(Suppression.objects.active()) == [row]


def test_suppression_is_lifted_once(api, shop):
    row = suppress(shop)
    api.post(f"{SUPPRESSIONS}{row.pk}/lift", {"reason": "new mailbox"})

    answer = api.post(f"{SUPPRESSIONS}{row.pk}/lift", {"reason": "again"})

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "already_lifted"


def test_lifting_needs_a_reason_and_ones_own_row(api, shop):
    mine, foreign = suppress(shop), suppress(ShopFactory())

    assert api.post(f"{SUPPRESSIONS}{mine.pk}/lift", {}).status_code == 400
    assert api.post(f"{SUPPRESSIONS}{foreign.pk}/lift", {"reason": "x"}).status_code == 404
    assert Suppression.objects.active().count() == 2


def test_reading_needs_only_the_read_scope_and_writing_needs_more(shop):
    api = token_client(shop, scopes=("read",))
    person = person_client(shop, role=Membership.Role.READ_ONLY)
    body = {"channel": "email", "address": "a@example.test"}

    assert api.get(SUPPRESSIONS).status_code == person.get(LEDGER).status_code == 200
    assert api.post(SUPPRESSIONS, body).status_code == 403
    assert person.post(SUPPRESSIONS, body).status_code == 403


def test_person_who_suppresses_is_remembered(shop):
    person_client(shop, role=Membership.Role.STAFF).post(
        SUPPRESSIONS, {"channel": "email", "address": "a@example.test"}
    )

    assert Suppression.objects.get().created_by is not None
