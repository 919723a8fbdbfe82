"""Celery with one task per message: a real worker of four processes, Redis and PostgreSQL."""

import time

from benchmarks.sending.figures import Figures
from benchmarks.sending.place import Place
from benchmarks.sending.processes import Failed, Program, output_of, until

PROCESSES = 4
SLOWEST = 20  # messages per second; slower than that it is broken, not slow


def run(here: Place, *, messages: int, runs: int) -> list[Figures]:
    """
    Raises:
        Failed: when it does not send everything.
    """
    if not here.redis_url:
        raise Failed("The baseline needs redis-server; install it, or leave it out (--skip).")
    env = here.env | {"REDIS_URL": here.redis_url}
    publish = ["-m", "benchmarks.sending.naive.publish"]
    output_of([*publish, "0"], env=env, seconds=60)
    worker = [
        *("-m", "celery", "-A", "benchmarks.sending.naive.tasks", "worker"),
        *("--pool", "prefork", "--concurrency", str(PROCESSES), "--loglevel", "ERROR"),
        *("--without-gossip", "--without-mingle"),
    ]
    with Program(worker, env=env, log=here.folder / "naive.log") as program:
        _send(here, program, env, publish, messages=100)  # every process has imported everything
        return [_send(here, program, env, publish, messages=messages) for _ in range(runs)]


def _send(here: Place, program: Program, env, publish, *, messages: int) -> Figures:
    cpu = program.cpu_seconds()
    output_of([*publish, str(messages)], env=env, seconds=messages / SLOWEST + 60)
    with here.connect() as connection:

        def all_sent():
            time.sleep(0.2)  # asking must not slow it down
            (left,) = connection.execute(
                "SELECT count(*) FROM naive_message WHERE status <> 'sent'"
            ).fetchone()
            return not left

        until(
            all_sent, seconds=messages / SLOWEST + 60, what="The baseline's mail", program=program
        )
        (seconds,) = connection.execute(
            "SELECT extract(epoch FROM max(sent_at) - min(sent_at))::float FROM naive_message"
        ).fetchone()
    counted = here.recorder.counted()
    if counted.people != messages:
        raise Failed(f"The baseline sent {counted.people:,} of {messages:,} messages.")
    return Figures(messages, seconds, program.cpu_seconds() - cpu, program.peak_mb())
