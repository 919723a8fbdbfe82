import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from analytics import explained, explainer, rule_words
from analytics.tests.factories import booking, delivered, in_call, message
from campaigns.models import CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 13, 0, tzinfo=dt.UTC)
RUN = "Run of 4 May 2026, 09:00"


@pytest.fixture
def execution():
    return ExecutionFactory(started_at=NINE, dispatch__state="done", dispatch__prepared_at=NINE)


def said_of(definition, customer, *, now=NINE):
    found = explainer.explain(definition, customer, now=now, words=rule_words.owners)
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
        f"{RUN}, Email: the message was sent on 4 May 2026, 09:00; delivered, "
        "opened 4 May 2026, 10:00, clicked 4 May 2026, 11:00."
    )
    assert said[1] == ("Booked on 4 May 2026, 12:00, credited to this campaign, not confirmed yet.")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"send_state": "blocked", "reason": "no_consent"}, "not sent: no consent"),
        (
            {"send_state": "rejected", "reason": "21211"},
            "refused by the provider, with its code 21211",
        ),
        ({"send_state": "cancelled"}, "the message was cancelled before it was sent"),
        ({}, "the message waits for its turn"),
        (
            {"not_before": NINE + dt.timedelta(days=1)},
            "the message waits for its turn, not before 5 May 2026, 09:00",
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
        f"{RUN}: not considered, he was not in the audience at that time."
    )


def test_explain_of_a_draft_says_which_criterion_fails():
    draft = DefinitionFactory(
        target_criteria={"last_visit_days": {"min": 30, "max": 90}, "visit_count": {"min": 1}}
    )
    visit = AppointmentFactory(customer__shop=draft.shop, days_ago=5)

    said = said_of(draft, visit.customer, now=None)

    assert said[0] == "The campaign has not been sent yet."
    assert said[1].endswith("does not match the audience.")
    assert [line[:5].strip() for line in said[2:4]] == ["no", "yes"]
    assert said[4:6] == [
        "  Words: A.",
        "  Email: Not asked: he is not in the audience.",
    ]


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
    assert "At 2 Jan 2030, 10:00: matches the audience." in said


def test_explain_command_refuses_another_shops_customer(execution):
    stranger = CustomerFactory()

    with pytest.raises(CommandError, match=f"no customer {stranger.pk} in {execution.shop}"):
        call_command("explain", campaign=execution.definition_id, customer=stranger.pk)
    with pytest.raises(CommandError, match="There is no campaign 0"):
        call_command("explain", campaign=0, customer=stranger.pk)


def test_explain_shows_every_rule_with_what_was_found(execution):
    customer = CustomerFactory(shop=execution.shop)
    Customer.objects.update(created_at=NINE - dt.timedelta(days=1))

    said = said_of(execution.definition, customer)

    assert said[said.index("  Email: He gets it here at once.") + 1 :] == [
        "    yes  erased: no",
        "    yes  address: there is one",
        "    yes  opt-outs and bounces: none",
        "    yes  held back: no",
        "    yes  consent: he has said nothing; consent is not needed",
        "    yes  messages in 7 days: had 0 of 2",
        "    yes  shared address: no",
        "    yes  message: can be made",
        "Sent now, he gets it at once.",
    ]


def test_explain_says_whose_message_is_too_long_and_that_no_time_mends_it():
    text = "{% if customer_first_name contains 'Long' %}" + "y" * 5_000 + "{% endif %}"
    words = {"subject": "A chair", "message": text, "personalization": True}
    draft = DefinitionFactory(channels={"email": words})
    long = CustomerFactory(shop=draft.shop, first_name="Long")

    said = said_of(draft, long, now=None)

    assert "  Email: Would be blocked: the text could not be made." in said
    assert said[-2:] == [
        "    no   message: cannot be made for him, or is too long",
        "Sent now, he does not get it. The text could not be made: the campaign's words cannot be "
        "filled in for him, or become too long to be sent. Look at the preview for him, and mend "
        "or shorten the words. Waiting alone changes nothing.",
    ]
