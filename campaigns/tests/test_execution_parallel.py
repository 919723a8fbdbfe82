"""Fifty presses of one button: one campaign goes out, once."""

from collections import Counter
from time import monotonic

import pytest
from django.db import IntegrityError, transaction

from barbershop.tests.api import token_client
from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from campaigns.models import CampaignExecution
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import Dispatch
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)

PRESSES = 50
PATIENCE = 60  # seconds


@pytest.fixture
def definition(tmp_path):
    with database_in_a_file(tmp_path):
        found = DefinitionFactory()
        CustomerFactory(shop=found.shop)
        DefinitionFactory(shop=found.shop)  # an intruder that nobody presses
        yield found


def presser(definition):
    client = token_client(definition.shop)
    path = f"/api/campaigns/{definition.pk}/execute"

    def press(number: int, **headers):
        return client.post(path, headers=headers)

    return press


def test_of_fifty_executes_at_once_one_wins_and_the_others_are_conflicts(definition):
    answers = at_once(PRESSES, presser(definition))

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: PRESSES - 1}
    refusals = {a.json()["error"]["code"] for a in answers if a.status_code == 409}
    assert refusals == {"already_executed"}
    run = CampaignExecution.objects.get()
    assert run.definition_id == definition.pk
    assert Dispatch.objects.count() == 1
    assert [a.json()["id"] for a in answers if a.status_code == 202] == [run.pk]


def test_fifty_executes_with_one_key_all_get_the_same_answer(definition):
    """While the first one works, the others are told so; asking again gives the first's answer."""
    press = presser(definition)

    def press_until_answered(number: int):
        until = monotonic() + PATIENCE
        answer = press(number, **{"Idempotency-Key": "once"})
        while answer.status_code == 409 and monotonic() < until:
            assert answer.json()["error"]["code"] == "in_progress"
            answer = press(number, **{"Idempotency-Key": "once"})
        return answer

    answers = at_once(PRESSES, press_until_answered)

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert CampaignExecution.objects.get().definition_id == definition.pk


def test_database_itself_refuses_a_second_manual_run(definition):
    run = ExecutionFactory(definition=definition)

    with pytest.raises(IntegrityError), transaction.atomic():
        ExecutionFactory(definition=definition)
    ExecutionFactory(definition=definition, occurrence_key="birthday:2030")

    assert run.occurrence_key == "manual"
