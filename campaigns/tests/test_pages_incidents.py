"""What asks for a person: open ones first, each explained, settled once with a name."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import ExecutionFactory
from communications import incidents
from communications.models import Incident

pytestmark = pytest.mark.django_db
Role = Membership.Role
LIST = reverse("incidents")


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.STAFF):
        client.force_login(MembershipFactory(shop=shop, role=role).user)
        return client

    return as_


def incident(shop, **fields):
    return Incident.objects.create(
        shop=shop, **({"kind": "inbound_unclear", "detail": "no more?"} | fields)
    )


def settle(row) -> str:
    return reverse("incident-settle", args=[row.pk])


def test_open_incidents_come_first_and_the_newest_of_them(sign_in, shop):
    oldest, settled, newest = (
        incident(shop),
        incident(shop, resolved_at=timezone.now()),
        incident(shop),
    )
    incident(ShopFactory())

    context = sign_in().get(LIST).context

    assert list(context["page_obj"]) == [newest, oldest, settled]
    assert context["open_count"] == 2


@pytest.mark.parametrize("kind", Incident.Kind.values)
def test_every_kind_says_what_it_means_and_what_to_do(sign_in, shop, kind):
    row = incident(shop, kind=kind, detail="the words <of> the engine")

    content = sign_in().get(LIST).content.decode()

    assert kind in incidents.GUIDES
    assert incidents.guide(row).meaning.replace("'", "&#x27;") in content
    assert incidents.guide(row).remedy.replace("'", "&#x27;") in content
    assert "the words &lt;of&gt; the engine" in content


def test_incident_leads_to_its_campaign_its_customer_and_its_call(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop)
    attempt = call(run.dispatch, "not_sent")
    (message,) = refused(run.dispatch, reason="550")
    incident(shop, attempt=attempt)
    incident(shop, communication=message)

    content = sign_in().get(LIST).content.decode()

    rows = reverse("campaign-recipients", args=[run.definition_id])
    delivery = reverse("campaign-delivery", args=[run.definition_id])
    assert content.count(f'href="{delivery}"') == 2
    assert f'href="{rows}?call={attempt.pk}"' in content
    assert f'href="{reverse("customer", args=[message.customer_id])}"' in content


def test_settling_keeps_who_and_when_and_happens_once(sign_in, shop):
    row = incident(shop)
    client = sign_in()

    first = client.post(settle(row), follow=True)
    row.refresh_from_db()
    when = row.resolved_at
    second = client.post(settle(row), follow=True)

    row.refresh_from_db()
    assert [str(message) for message in first.context["messages"]] == [
        "Settled. It stays in the list of incidents."
    ]
    assert [str(message) for message in second.context["messages"]] == [
        "Somebody has settled it already."
    ]
    assert (row.resolved_by, row.resolved_at) == (first.wsgi_request.user, when)
    entry = AuditEntry.objects.for_shop(shop).get(action="incident.settle")
    assert (entry.actor, entry.object_id) == (row.resolved_by, str(row.pk))


def test_settling_from_a_campaign_leads_back_to_it(sign_in, shop):
    client = sign_in()

    back = client.post(settle(incident(shop)), {"campaign": "7"}).url
    nonsense = client.post(settle(incident(shop)), {"campaign": "//evil.test"}).url

    assert (back, nonsense) == ("/campaigns/7/delivery/", LIST)


def test_address_of_the_button_leads_to_the_list_after_signing_in(sign_in, shop):
    row = incident(shop)

    answer = sign_in().get(settle(row))

    row.refresh_from_db()
    assert (answer.url, row.resolved_at) == (LIST, None)


def test_who_only_reads_settles_nothing(sign_in, shop):
    row = incident(shop)
    client = sign_in(Role.READ_ONLY)

    answer = client.post(settle(row))

    row.refresh_from_db()
    assert (answer.status_code, row.resolved_at) == (403, None)
    assert "/settle/" not in client.get(LIST).content.decode()


def test_anothers_incident_is_not_there(sign_in):
    theirs = incident(ShopFactory())
    client = sign_in()

    assert client.get(settle(theirs)).status_code == 404
    assert client.post(settle(theirs)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.resolved_at is None


def test_without_incidents_the_page_says_so(sign_in):
    assert b"Nothing has happened" in sign_in().get(LIST).content


def test_list_asks_as_often_for_three_incidents_as_for_one(sign_in, shop):
    client = sign_in()

    def make():
        run = ExecutionFactory(definition__shop=shop)
        user = MembershipFactory(shop=shop).user
        incident(shop, attempt=call(run.dispatch, "unknown"))
        (message,) = refused(run.dispatch, reason="550")
        incident(shop, communication=message, resolved_at=timezone.now(), resolved_by=user)

    assert_same_queries(client, LIST, make=make)


@pytest.mark.parametrize("query", ["page=abc", "page=99999999999999999999", "page=%00"])
def test_odd_pages_are_answered(sign_in, shop, query):
    incident(shop)

    assert sign_in().get(f"{LIST}?{query}").status_code == 200
