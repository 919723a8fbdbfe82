"""The ledger and a provider through random faults: never twice, never lost, never denied.

``LEDGER_WALKS=1000`` takes more walks than the suite has time for; ``LEDGER_SHRINK=1`` looks for
the shortest walk that fails, which takes minutes.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from communications.tests.ledger_machine import world
from communications.tests.ledger_machine.errors import collected
from communications.tests.ledger_machine.machine import LedgerMachine

WALKS = int(os.environ.get("LEDGER_WALKS", "50"))
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
if os.environ.get("LEDGER_SHRINK"):
    PHASES.append(Phase.shrink)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_no_walk_doubles_loses_or_denies_a_message():
    given = world.make()

    with collected() as errors:
        run_state_machine_as_test(
            lambda: LedgerMachine(given, errors),
            settings=settings(
                max_examples=WALKS,
                stateful_step_count=40,
                deadline=None,
                phases=PHASES,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
