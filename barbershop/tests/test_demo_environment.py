import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from barbershop import demo_environment
from barbershop.env import BASE_DIR


def environment():
    return demo_environment.environment(
        port=8123, sandbox_port=8148, database=Path("/data/demo.sqlite3")
    )


def run_demo(*arguments: str, **person: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=BASE_DIR,
        env={**os.environ, "SENDGRID_API_KEY": "", "TWILIO_ACCOUNT_SID": ""}
        | {"TWILIO_AUTH_TOKEN": "", "SECRET_KEY": "", **person},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_providers_are_the_sandbox_whatever_the_person_configured(monkeypatch):
    monkeypatch.setenv("SENDGRID_API_URL", "https://api.sendgrid.com/v3/")
    monkeypatch.setenv("TWILIO_BASE_URL", "https://api.twilio.com")

    chosen = environment()

    assert chosen["SENDGRID_API_URL"] == "http://127.0.0.1:8148/v3/"
    assert chosen["TWILIO_BASE_URL"] == "http://127.0.0.1:8148"


def test_database_and_queue_are_its_own_whatever_the_person_configured(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://live/db")
    monkeypatch.setenv("REDIS_URL", "redis://live")

    chosen = environment()

    assert chosen["DATABASE_URL"] == "sqlite:////data/demo.sqlite3"
    assert chosen["REDIS_URL"] == ""


def test_real_keys_are_named_and_the_demos_own_are_not():
    configured = {**demo_environment.PROVIDER_KEYS, "SENDGRID_API_KEY": "SG.live"}

    assert demo_environment.real_keys(configured) == ["SENDGRID_API_KEY"]
    assert demo_environment.real_keys(demo_environment.PROVIDER_KEYS) == []
    assert demo_environment.real_keys({}) == []


@pytest.mark.processes
def test_demo_refuses_to_start_beside_a_real_key():
    ended = run_demo(TWILIO_AUTH_TOKEN="live-token")

    assert ended.returncode == 1
    assert ended.stderr == (
        "CommandError: TWILIO_AUTH_TOKEN is set: the demo never starts beside real provider "
        "keys. Unset it (also in .env) and start again.\n"
    )


@pytest.mark.processes
def test_demo_names_a_taken_port_and_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_demo(f"--port={port}")

    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use." in ended.stderr
    assert "make demo PORT=" in ended.stderr
