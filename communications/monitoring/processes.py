"""The processes of this web server taken together: which of them answers must not matter."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

_PROC = Path("/proc")
# Memory that processes share counts for each of them.
_SUMMED = {
    "process_resident_memory_bytes": "Resident memory, all processes of the web server together.",
    "process_open_fds": "Open files, all processes of the web server together.",
}
_CPU = "process_cpu_seconds"


def families() -> Iterator[Metric]:
    """Nothing where there is no ``/proc``."""
    pids = server()
    totals: dict[str, float] = {}
    started = []
    for pid in pids:
        for family in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():
            for sample in family.samples:
                totals[family.name] = totals.get(family.name, 0.0) + sample.value
                if family.name == "process_start_time_seconds":
                    started.append(sample.value)
    if not started:
        return
    yield GaugeMetricFamily("barbershop_web_processes", "Of this web server.", value=len(pids))
    yield GaugeMetricFamily(
        "process_start_time_seconds", "When the web server was started.", value=min(started)
    )
    # Processes that were replaced have used processor time too; without it the sum would fall.
    cpu = totals[_CPU] + (_reaped(pids[0]) if len(pids) > 1 else 0.0)
    yield CounterMetricFamily(_CPU, "Processor time of the web server.", value=cpu)
    for name, says in _SUMMED.items():
        if name in totals:
            yield GaugeMetricFamily(name, says, value=totals[name])


def server() -> list[int]:
    """The process that started this one and all it has started, if they are alike; else this one.

    Under gunicorn all of them are copies of the first and share its command line.
    """
    me, parent = os.getpid(), os.getppid()
    mine = _command(me)
    if not mine or _command(parent) != mine:
        return [me]
    try:
        children = (_PROC / f"{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return [me]
    return [parent, *(int(child) for child in children if _command(int(child)) == mine)]


def _command(pid: int) -> bytes:
    try:
        return (_PROC / f"{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _reaped(pid: int) -> float:
    """Seconds of processor time of the children that have ended: fields 16 and 17 of proc(5)."""
    try:
        fields = (_PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
