"""Several processes answer ``/metrics``, and each says the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings

from barbershop.tests.product import eventually, free_port
from communications.tests.scraped import figures

PROCESSES = 3


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Gunicorn with several processes and an empty database; its address."""
    base = f"http://127.0.0.1:{free_port()}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "barbershop.settings",
        "DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{folder / 'empty.sqlite3'}",
        "REDIS_URL": "",
        "VAR_DIR": str(folder),
        "WEB_CONCURRENCY": str(PROCESSES),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "barbershop/gunicorn.conf.py"]
    command += ["--bind", base.removeprefix("http://"), "--log-level", "warning"]
    # In a folder's log, not in a pipe: nobody reads while the server writes.
    with (folder / "web.log").open("ab") as log:
        server = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
        )
    try:
        eventually(lambda: is_up(base) or server.poll() is not None)
        assert server.poll() is None, (folder / "web.log").read_text()
        yield base
    finally:
        server.terminate()
        server.wait(60)


def is_up(base: str) -> bool:
    try:
        return scrape(base)["web_processes",] == PROCESSES + 1
    except (requests.ConnectionError, KeyError):
        return False


def scrape(base: str) -> dict[tuple, float]:
    return figures(requests.get(f"{base}/metrics", timeout=60).text)


@pytest.mark.processes
def test_every_process_counts_for_all_of_them(tmp_path):
    with serving(tmp_path) as base:
        refused = [requests.post(f"{base}/webhooks/sendgrid/", timeout=60) for _ in range(40)]
        pages = [scrape(base) for _ in range(20)]

    assert {answer.status_code for answer in refused} == {503}
    no_key = ("webhook_requests_total", "events", "no_key", "sendgrid")
    assert {page[no_key] for page in pages} == {40}
    assert {page["web_processes",] for page in pages} == {PROCESSES + 1}
    assert len({page["process_start_time_seconds",] for page in pages}) == 1
    cpu = [page["process_cpu_seconds_total",] for page in pages]
    assert cpu == sorted(cpu)
    assert {page["database_up",] for page in pages} == {0}
