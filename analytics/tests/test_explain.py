import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from analytics import explained, explainer
from analytics.tests.factories import booking, delivered, in_call, message
from campaigns.models import CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 13, 0, tzinfo=dt.UTC)
RUN = "Run of 2026-05-04 09:00 EDT"


@pytest.fixture
def execution():
    return ExecutionFactory(started_at=NINE, dispatch__state="done", dispatch__prepared_at=NINE)


def said_of(definition, customer, *, now=NINE):
    found = explainer.explain(definition, customer, now=now)
    return explained.lines(found, definition=definition, customer=customer)


def first_line(execution, customer):
    return said_of(execution.definition, customer)[0]


def test_explain_tells_what_became_of_a_message(execution):
    mail = delivered(
        execution,
        at=NINE,
        opened_at=NINE + dt.timedelta(hours=1),
        clicked_at=NINE + dt.timedelta(hours=2),
    )
    booking(execution, mail, at=NINE + dt.timedelta(hours=3))

    said = said_of(execution.definition, mail.customer)

    assert said[0] == (
        f"{RUN}, Email: the message was sent on 2026-05-04 09:00 EDT; delivered, "
        "opened 2026-05-04 10:00 EDT, clicked 2026-05-04 11:00 EDT."
    )
    assert said[1] == (
        "Booked on 2026-05-04 12:00 EDT, credited to this campaign, not confirmed yet."
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"send_state": "blocked", "reason": "no_consent"}, "blocked (no_consent): No consent"),
        ({"send_state": "rejected", "reason": "21211"}, "refused by the provider (21211)"),
        ({"send_state": "cancelled"}, "the message was cancelled before it was sent"),
        ({}, "the message waits for its turn"),
        (
            {"not_before": NINE + dt.timedelta(days=1)},
            "the message waits for its turn, not before 2026-05-05 09:00 EDT",
        ),
    ],
)
def test_explain_names_the_reason(execution, fields, words):
    row = message(execution, **fields)

    assert first_line(execution, row.customer) == f"{RUN}, Email: {words}."


def test_explain_does_not_call_an_unknown_outcome_sent(execution):
    row = in_call(execution, state="unknown", at=NINE)

    assert "may have been sent" in first_line(execution, row.customer)


def test_explain_knows_the_held_out(execution):
    held = CustomerFactory(shop=execution.shop)
    CampaignResponse.objects.create(
        shop=execution.shop, execution=execution, customer=held, is_holdout=True
    )

    assert "held out, deliberately not messaged" in first_line(execution, held)


def test_explain_knows_who_was_not_considered(execution):
    stranger = CustomerFactory(shop=execution.shop)

    assert first_line(execution, stranger) == (
        f"{RUN}: not considered: not in the audience at that time."
    )


def test_explain_of_a_draft_says_which_criterion_fails():
    draft = DefinitionFactory(
        target_criteria={"last_visit_days": {"min": 30, "max": 90}, "visit_count": {"min": 1}}
    )
    visit = AppointmentFactory(customer__shop=draft.shop, days_ago=5)

    said = said_of(draft, visit.customer, now=None)

    assert said[0] == "The campaign has not been executed yet."
    assert said[1].endswith("does not match the audience.")
    assert [line[:5].strip() for line in said[2:4]] == ["no", "yes"]
    assert said[4:6] == ["  Words: A.", "  Email: allowed."]


def test_explain_command_prints_and_takes_a_clock(execution, capsys):
    mail = delivered(execution, at=NINE)

    call_command(
        "explain",
        f"--campaign={execution.definition_id}",
        f"--customer={mail.customer_id}",
        "--now=2030-01-02T10:00:00-05:00",
    )

    said = capsys.readouterr().out
    assert "delivered" in said
    assert "At 2030-01-02 10:00 EST: matches the audience." in said


def test_explain_command_refuses_another_shops_customer(execution):
    stranger = CustomerFactory()

    with pytest.raises(CommandError, match=f"no customer {stranger.pk} in {execution.shop}"):
        call_command("explain", campaign=execution.definition_id, customer=stranger.pk)
    with pytest.raises(CommandError, match="There is no campaign 0"):
        call_command("explain", campaign=0, customer=stranger.pk)


def test_explain_shows_every_rule_with_what_was_found(execution):
    customer = CustomerFactory(shop=execution.shop)

    said = said_of(execution.definition, customer)

    assert "  Email: allowed." in said
    assert said[said.index("  Email: allowed.") + 1 : -1] == [
        "    yes  erased: no",
        "    yes  address: there is one",
        "    yes  suppressions: none",
        "    yes  held: no",
        "    yes  consent: nothing was said; none is needed",
        "    yes  messages in 7 days: had 0 of 2",
        "    yes  shared address: no",
    ]
