"""The product itself: its audience, then its own sending loop (``manage.py dispatch``)."""

import time
from dataclasses import dataclass

import psycopg

from benchmarks.sending import figures
from benchmarks.sending.figures import Figures
from benchmarks.sending.place import Place
from benchmarks.sending.processes import Failed, Program, output_of, until
from benchmarks.sending.providers import Counted

SLOWEST = 200  # messages per second; slower than that it is broken, not slow
LOOP = ["manage.py", "dispatch", "--loop", "--every", "0.1"]
RESUME = (
    "UPDATE dispatches SET state = 'running', paused_reason = '', pause_cause = '' WHERE id = %s"
)
DURATION = """
SELECT extract(epoch FROM max(answered_at) - min(claimed_at))::float, sum(message_count)::int
FROM delivery_attempts WHERE dispatch_id = %s AND state = 'accepted'
"""
# The same rows once more by one statement per table, into the same tables, with their indexes and
# constraints; rolled back.
BARE = (
    """CREATE TEMP TABLE of_dispatch AS SELECT * FROM dispatches WHERE id = %(dispatch)s;
    UPDATE of_dispatch SET id = -id, uuid = gen_random_uuid();
    INSERT INTO dispatches SELECT * FROM of_dispatch""",
    """CREATE TEMP TABLE of_run AS SELECT * FROM campaign_executions
    WHERE dispatch_id = %(dispatch)s;
    UPDATE of_run SET id = -id, dispatch_id = -dispatch_id, occurrence_key = 'bare';
    INSERT INTO campaign_executions SELECT * FROM of_run""",
    """CREATE TEMP TABLE responses AS SELECT r.* FROM campaign_responses AS r
    JOIN campaign_executions AS e ON e.id = r.execution_id WHERE e.dispatch_id = %(dispatch)s;
    UPDATE responses SET id = -id, execution_id = -execution_id""",
    """CREATE TEMP TABLE messages AS SELECT * FROM customer_communications
    WHERE dispatch_id = %(dispatch)s;
    UPDATE messages SET id = -id, uuid = gen_random_uuid(), dispatch_id = -dispatch_id;
    ANALYZE responses; ANALYZE messages""",
)
BARE_MEASURED = (
    "INSERT INTO campaign_responses SELECT * FROM responses",
    "INSERT INTO customer_communications SELECT * FROM messages",
    "SET CONSTRAINTS ALL IMMEDIATE",
)


@dataclass(frozen=True)
class Audience:
    """An audience that is written and not yet sent to."""

    dispatch: int
    figures: Figures
    bare_seconds: float


def prepare(here: Place) -> None:
    output_of(["manage.py", "migrate", "--verbosity", "0"], env=here.env, seconds=120)


def write_audience(here: Place, *, people: int) -> Audience:
    patience = people / SLOWEST + 60
    seed = ["-m", "benchmarks.sending.seed", str(people)]
    shop = output_of(seed, env=here.env, seconds=patience).strip()
    write = ["-m", "benchmarks.sending.audience", shop, str(people)]
    output = output_of(write, env=here.env, seconds=patience)
    dispatch = int(output.split()[-1])
    (measured,) = figures.read(output)
    return Audience(dispatch, measured, bare_insert(here, dispatch))


def bare_insert(here: Place, dispatch: int) -> float:
    """Seconds for the rows of a dispatch once more, by statements alone; rolled back."""
    with here.connect() as connection:
        try:
            # The driver's own cursor takes several statements with parameters.
            cursor = psycopg.ClientCursor(connection)
            cursor.execute("BEGIN")
            for statements in BARE:
                cursor.execute(statements, {"dispatch": dispatch})
            began = time.perf_counter()
            for statement in BARE_MEASURED:
                cursor.execute(statement)
            return time.perf_counter() - began
        finally:
            connection.execute("ROLLBACK")


def send(here: Place, *, dispatch: int, messages: int) -> Figures:
    """Let one worker process send a prepared audience.

    Raises:
        Failed: when not everybody is accepted exactly once, here and at the provider.
    """
    here.provider.counted()
    log = here.folder / f"dispatch-{dispatch}.log"
    with Program(LOOP, env=here.product_env(), log=log) as worker, here.connect() as connection:
        _until_idle(here, worker)
        backends: dict[int, float] = {}
        cpu, database_cpu = worker.cpu_seconds(), here.database_cpu(backends)
        connection.execute(RESUME, [dispatch])

        def done():
            time.sleep(0.1)  # asking must not slow it down
            sql = "SELECT state FROM dispatches WHERE id = %s"
            (state,) = connection.execute(sql, [dispatch]).fetchone()
            if state == "paused":
                raise Failed(f"The dispatch was paused:\n{log.read_text()[-2000:]}")
            return state == "done"

        until(done, seconds=messages / SLOWEST + 60, what="The end of it", program=worker)
        seconds, accepted = connection.execute(DURATION, [dispatch]).fetchone()
        counted = here.provider.counted()
        _check(accepted, counted, messages=messages)
        return Figures(
            messages,
            seconds,
            cpu=worker.cpu_seconds() - cpu,
            peak_mb=worker.peak_mb(),
            database_cpu=(here.database_cpu(backends) - database_cpu) or None,
            provider_cpu=counted.cpu or None,
        )


def _until_idle(here: Place, worker: Program) -> None:
    """It has imported everything, looked round once and found nothing to do."""

    def idle():
        before = worker.cpu_seconds()
        time.sleep(1)
        with here.connect() as connection:
            (connected,) = connection.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        return connected and worker.cpu_seconds() - before < 0.3

    until(idle, seconds=60, what="An idle worker", program=worker)


def _check(accepted: int, counted: Counted, *, messages: int) -> None:
    if not accepted == counted.recipients == counted.people == messages:
        raise Failed(
            f"{messages:,} messages: the ledger has {accepted:,} accepted, the provider "
            f"{counted.recipients:,} for {counted.people:,} people."
        )
