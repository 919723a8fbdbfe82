import json
import os

import pytest
from django.core.management import call_command

from campaigns import execution, materialising
from campaigns.tests.factories import DefinitionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    definition = DefinitionFactory()
    CustomerFactory.create_batch(2, shop=definition.shop)
    started = execution.start(definition)
    materialising.run(started.pk)
    return started


def test_ledger_prints_one_line_per_row(run, capsys):
    call_command("ledger", execution=run.pk)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["state"] for line in lines] == ["pending", "pending"]


@pytest.mark.parametrize("buffering", [1, -1])
def test_ledger_ends_quietly_when_its_reader_has_seen_enough(run, buffering):
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "w", buffering=buffering) as out:
        call_command("ledger", execution=run.pk, stdout=out)
        out.flush()
