"""Who gets a campaign and why: the API, the page and the command."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.tests.factories import message
from analytics.tests.pages import run_of, url
from barbershop.models import Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import BarberFactory, MembershipFactory
from campaigns import execution
from campaigns.tests.factories import EMAIL, DefinitionFactory, ExecutionFactory
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
WHY = 29  # queries of the page of one customer
FALL = {"channel", "considered", "blocked", "failed", "now", "later", "cost_micros"}


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Membership.Role.OWNER).user)
    return client


def waterfall_of(shop, definition):
    answer = token_client(shop).get(f"/api/campaigns/{definition.pk}/waterfall")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_waterfall_is_a_forecast_before_the_send_and_the_same_fact_after_it(shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory(shop=shop, email="")
    CustomerFactory()
    definition = DefinitionFactory(shop=shop)

    before = waterfall_of(shop, definition)
    run = execution.start(definition)
    execution.run(run.pk)
    after = waterfall_of(shop, definition)

    assert (before["fact"], after["forecast"]) == (None, None)
    forecast, fact = before["forecast"], after["fact"]
    assert (forecast["matched"], forecast["held_out"]) == (3, 0)
    (email,) = forecast["channels"]
    assert set(email) == FALL
    assert (email["blocked"], email["now"], email["later"]) == ({"no_address": 1}, 2, 0)
    assert email["cost_micros"] == 2 * 399
    different = {"kind", "as_of", "cost", "channels"}
    assert {k: v for k, v in forecast.items() if k not in different} == {
        k: v for k, v in fact.items() if k not in different
    }
    assert fact["channels"] == [email | {"cost_micros": 0}]


def test_waterfall_refuses_what_it_does_not_know_and_what_cannot_be_sent(shop):
    definition = DefinitionFactory(shop=shop)
    client = token_client(shop)

    unknown = client.get(f"/api/campaigns/{definition.pk}/waterfall?when=now")
    definition.variants.all().delete()
    empty = client.get(f"/api/campaigns/{definition.pk}/waterfall")
    elsewhere = client.get(f"/api/campaigns/{DefinitionFactory().pk}/waterfall")

    assert (unknown.status_code, empty.status_code, elsewhere.status_code) == (400, 400, 404)
    assert empty.json()["error"]["code"] == "no_content"


def test_explain_answers_with_every_rule_and_what_was_found(shop):
    customer = CustomerFactory(shop=shop, email="")
    definition = DefinitionFactory(shop=shop, target_criteria={"tags": "VIP"})
    segment = SegmentFactory(shop=shop, criteria={"language": "es"})
    definition.campaign_segments.create(shop=shop, segment=segment, mode="exclude")
    client = token_client(shop)

    answer = client.get(f"/api/campaigns/{definition.pk}/explain?customer={customer.pk}")
    strange = client.get(f"/api/campaigns/{definition.pk}/explain?customer={CustomerFactory().pk}")
    nobody = client.get(f"/api/campaigns/{definition.pk}/explain/?customer=x")

    assert (answer.status_code, strange.status_code, nobody.status_code) == (200, 400, 400)
    said = answer.json()
    assert (said["verdict"], said["reason"]) == ("no", "not_matched")
    assert (said["qualifies_at"], said["waits_for"]) == (None, "not by time alone")
    (criterion,) = said["criteria"]
    assert (criterion["path"], criterion["holds"]) == ("tags", False)
    assert criterion["found"]
    assert [(each["mode"], each["is_in"]) for each in said["segments"]] == [("exclude", False)]
    (email,) = said["channels"]
    assert (email["is_tried"], email["reason"]) == (True, "no_address")
    failed = [rule["name"] for rule in email["rules"] if not rule["passes"]]
    assert failed == ["address"]
    assert said["runs"] == []
    json.dumps(said)


def test_sentences_name_rows_and_each_model_is_asked_once(owner, shop):
    customer, barber = CustomerFactory(shop=shop), BarberFactory(shop=shop, first_name="Ana")
    earlier = DefinitionFactory(shop=shop, name="Spring & more")
    prefers = {"preferred_barber": barber.pk}
    definition = DefinitionFactory(
        shop=shop, target_criteria={"all": [prefers, {"opened": {"campaign": earlier.pk}}]}
    )
    for _ in range(2):
        segment = SegmentFactory(shop=shop, criteria=prefers)
        definition.campaign_segments.create(shop=shop, segment=segment, mode="exclude")
    why = reverse("campaign-why", args=[definition.pk])

    with CaptureQueriesContext(connection) as asked:
        rows = owner.get(why, {"customer": customer.pk}).context["criteria_rows"]
    named = '"barbers"."first_name", "barbers"."last_name"'
    of_names = [each["sql"] for each in asked if named in each["sql"]]
    who = owner.get(reverse("campaign", args=[definition.pk])).context["who"]

    likes, opened = "who prefer barber Ana", 'who opened any message of campaign "Spring & more"'
    said = [row["asked"].rsplit("”: ")[-1] for row in rows]
    assert said[:2] == [likes, opened]
    assert said[3::2] == [f"not among those {likes}"] * 2
    assert who.startswith(f"Customers {likes} and {opened}.")
    assert len(of_names) == 1


def test_page_explains_who_is_searched_for(owner, shop):
    customer = CustomerFactory(shop=shop, first_name="Zoe", last_name="Zimmer")
    CustomerFactory(first_name="Zoe", last_name="Zimmer")
    definition = DefinitionFactory(shop=shop)
    page = reverse("campaign-why", args=[definition.pk])

    found = owner.get(page, {"q": "zimm"})
    shown = owner.get(page, {"customer": customer.pk})

    assert found.context["people"] == [customer]
    assert f'href="?customer={customer.pk}"' in found.content.decode()
    assert "Sent now, he gets it at once." in shown.content.decode()
    assert [row["label"] for row in shown.context["channel_rows"]] == ["Email"]
    for wrong in (CustomerFactory().pk, "x", "9" * 30, "-1"):
        assert owner.get(page, {"customer": wrong}).status_code == 404
    assert owner.get(page).status_code == 200
    elsewhere = reverse("campaign-why", args=[DefinitionFactory().pk])
    assert owner.get(elsewhere).status_code == 404


def test_page_asks_as_much_after_three_runs_as_after_one(owner, shop, django_assert_num_queries):
    customer = CustomerFactory(shop=shop)
    first = run_of(shop)
    message(first, customer=customer, send_state="blocked", reason="no_consent")
    page = f"{reverse('campaign-why', args=[first.definition_id])}?customer={customer.pk}"
    owner.get(page)
    with django_assert_num_queries(WHY):
        owner.get(page)
    for key in ("again", "and again"):
        run = ExecutionFactory(definition=first.definition, occurrence_key=key)
        message(run, customer=customer)

    with django_assert_num_queries(WHY):
        answer = owner.get(page)

    assert len(answer.context["run_lines"]) == 3


def test_campaign_page_draws_the_fall_with_words_a_table_and_links(owner, shop):
    run = run_of(shop)
    for reason in ("no_consent", "no_consent", "no_address"):
        message(run, send_state="blocked", reason=reason)
    message(run)

    answer = owner.get(url("campaign", run))

    people, email = answer.context["charts"]
    assert [(row.label, row.number) for row in email.rows] == [
        ("Are considered", 4),
        ("No address", 1),
        ("No consent", 2),
        ("Went, or go, at once", 1),
        ("Waited, or wait, for their hours", 0),
    ]
    for row in email.rows:
        if row.href:
            assert owner.get(row.href).context["page_obj"].paginator.count == row.number
    assert [row.href for row in email.rows].count("") == 2
    assert people.unit == "People"
    assert "The numbers as a table" in answer.content.decode()


def test_draft_page_shows_the_fall_before_the_send(owner, shop):
    CustomerFactory(shop=shop)
    CustomerFactory(shop=shop, email="")

    answer = owner.get(reverse("campaign", args=[DefinitionFactory(shop=shop).pk]))

    people, email = answer.context["forecast"]["charts"]
    assert [row.number for row in people.rows] == [2, 0, 2]
    assert [(row.label, row.number) for row in email.rows][1:3] == [
        ("No address", 1),
        ("Will receive it now", 1),
    ]


def test_command_without_a_customer_prints_the_fall(shop, capsys):
    CustomerFactory(shop=shop)
    CustomerFactory(shop=shop, email="")
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=EMAIL | {"sms": {"message": "Come in."}}
    )

    call_command("explain", f"--campaign={definition.pk}")

    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert said[2:5] == ["2 match", "0 held out, to measure the effect", "2 are considered"]
    assert said[5:10] == [
        "Email:",
        "2 are considered",
        "1 No address",
        "1 will receive it now",
        "0 will receive it in their hours",
    ]
    assert said[10:13] == ["SMS:", "2 are considered", "2 No consent"]
    definition.variants.all().delete()
    with pytest.raises(CommandError, match="has no content"):
        call_command("explain", campaign=definition.pk)


def test_rows_and_the_customers_page_lead_to_every_rule(owner, shop):
    run = run_of(shop)
    row = message(run, send_state="blocked", reason="no_consent")
    why = f"{reverse('campaign-why', args=[run.definition_id])}?customer={row.customer_id}"

    rows = owner.get(url("campaign-recipients", run)).content.decode()
    customer = owner.get(reverse("customer", args=[row.customer_id])).content.decode()

    assert why in rows
    assert why in customer
