"""Everything is killed while it sends, its broker with it, and started cold."""

import secrets
import subprocess
import sys
from collections import Counter

import psycopg
import pytest
import redis

from barbershop.tests import migrated
from barbershop.tests.environment import services_are_up
from barbershop.tests.test_chaos import plan
from benchmarks.chaos import cold
from benchmarks.chaos.house import SQLITE, House, Plan, eventually
from benchmarks.chaos.shop import Shop

pytestmark = pytest.mark.processes
PEOPLE = 400
SLOW = {"slow": 0.8}  # so that there is something left to send


def embedded_or_at_scale() -> Plan:
    """Celery in both cases: over Redis, or over files as in the embedded default."""
    if services_are_up():
        return plan(faults=SLOW)
    return Plan(database=SQLITE, senders=1, faults=SLOW, migrated=migrated.source())


def test_product_that_was_killed_as_a_whole_sends_again_within_ninety_seconds():
    with House(embedded_or_at_scale()) as house:
        shop = Shop(house, [PEOPLE], kinds=[("sms",)], text_share=1.0)
        shop.open()

        found = cold.cold_start(house, shop, seed=secrets.randbits(32), latest=3)

        calls = Counter(arrival.communication for arrival in house.provider.arrivals)

    assert 0 < found.calls_before < PEOPLE, found
    assert found.seconds <= cold.PROMISED_SECONDS
    assert max(calls.values()) == 1


def give(house: House, task: str) -> None:
    """Put a task into the queue, as beat does."""
    command = [sys.executable, "-m", "celery", "--app=barbershop", "call", task]
    subprocess.run(command, env=house.tree.environment, check=True, stdout=subprocess.DEVNULL)


OURS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def ask_server(house: House, sql: str) -> int:
    with psycopg.connect(house.tree.environment["DATABASE_URL"], autocommit=True) as connection:
        return connection.execute(sql).fetchone()[0]


def is_idle(house: House) -> bool:
    """Nothing waits in the queue, and no process is in the middle of a statement."""
    with redis.Redis.from_url(house.redis.url) as client:
        waiting = client.llen("celery")
    return not waiting and not ask_server(house, f"SELECT count(*) {OURS} AND state <> 'idle'")


@pytest.mark.services
def test_worker_whose_connection_broke_between_two_tasks_goes_on():
    with House(plan(faults={"events_none": 1.0})) as house:
        calls = house.provider.arrivals
        shop = Shop(house, [1, 3], kinds=[("sms",)] * 2, text_share=1.0)
        shop.open()
        house.start_senders()
        house.tree.end("beat")
        house.tree.end("worker-2")
        shop.start(shop.campaigns[0])
        eventually(lambda: len(calls) == 1, seconds=60, what="The first call")
        eventually(lambda: is_idle(house), seconds=60, what="An idle worker")
        assert ask_server(house, f"SELECT count(pg_terminate_backend(pid)) {OURS}") >= 1

        give(house, "communications.tasks.send_due")
        shop.start(shop.campaigns[1])
        give(house, "communications.tasks.send_due")

        eventually(lambda: len(calls) == 4, seconds=20, what="The calls after the break")
