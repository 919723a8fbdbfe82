import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from communications.sandbox import Sandbox, SandboxOptions, running_sandbox
from communications.sandbox.record import Record
from communications.sandbox.server import PortTakenError
from communications.sandbox.signing import EventSigner
from communications.tests.sandbox_clients import CUSTOMER, OUR_NUMBER, mail, post_mail, send_text
from communications.tests.webhook_receiver import receiving

ROOT = Path(__file__).resolve().parents[2]


def call(sandbox, method, path, **options):
    return requests.request(method, f"{sandbox.url}/sandbox/{path}", timeout=10, **options)


def test_health_key_and_faults_can_be_read():
    with running_sandbox() as sandbox:
        assert call(sandbox, "GET", "health").json() == {"status": "ok"}
        assert call(sandbox, "GET", "public-key").text.strip() == sandbox.public_key
        assert call(sandbox, "GET", "faults").json()["faults"] == {}


def test_faults_are_replaced_while_it_runs():
    with running_sandbox(events=False, faults={"429": 1}) as sandbox:
        assert post_mail(sandbox, mail()).status_code == 429
        call(sandbox, "POST", "faults", json={"500_before": 1})
        assert post_mail(sandbox, mail()).status_code == 500
        call(sandbox, "POST", "faults", json={})
        assert post_mail(sandbox, mail()).status_code == 202


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", b"{"),
        ("faults", b"[]"),
        ("faults", b'{"418": 0.5}'),
        ("faults", b'{"429": 2}'),
        ("faults", b'{"429": "1"}'),
        ("inbound", b'{"from": "+12015550123"}'),
        ("events", b'{"event": "eaten"}'),
    ],
)
def test_wrong_control_is_answered_with_one_sentence(path, body):
    with running_sandbox() as sandbox:
        response = call(sandbox, "POST", path, data=body)

        assert response.status_code == 400
        assert list(response.json()) == ["error"]
        assert sandbox.faults.current() == {}


def test_unknown_page_names_the_known_ones():
    with running_sandbox() as sandbox:
        response = call(sandbox, "GET", "nonsense")

        assert response.status_code == 404
        assert "GET /sandbox/stats" in response.json()["error"]


def test_stats_count_recipients_and_requests():
    with running_sandbox(events=False) as sandbox:
        post_mail(sandbox, mail("ann@example.com", "bob@example.com"))
        post_mail(sandbox, mail("no address"))
        send_text(sandbox)
        stats = call(sandbox, "GET", "stats").json()

    assert stats["accepted"] == {"email": 2, "sms": 1}
    assert stats["answers"] == {"202": 1, "400": 1, "201": 1}


def test_inbound_text_is_played_on_request():
    with receiving() as receiver, running_sandbox(webhook_base=receiver.url) as sandbox:
        body = {"from": CUSTOMER, "to": OUR_NUMBER, "body": "When do you open?"}
        assert call(sandbox, "POST", "inbound", json=body).status_code == 202
        assert sandbox.settle()

    [form] = receiver.forms("/webhooks/twilio/inbound/")
    assert (form["From"], form["Body"]) == (CUSTOMER, "When do you open?")


def test_event_is_made_for_one_recorded_recipient_only():
    with receiving() as receiver:
        with running_sandbox(webhook_base=receiver.url, speed=3600) as sandbox:
            post_mail(sandbox, mail("ann+silent@example.com", "bob+silent@example.com"))
            body = {"communication": "c-1", "event": "spamreport"}
            assert call(sandbox, "POST", "events", json=body).json() == {"queued": 1}
            unknown = call(sandbox, "POST", "events", json={**body, "communication": "c-7"})
            assert sandbox.settle()

        [event] = receiver.events()
    assert unknown.status_code == 404
    assert (event["event"], event["email"]) == ("spamreport", "bob+silent@example.com")


def test_event_is_made_for_a_text_by_its_sid():
    with receiving() as receiver:
        options = {"webhook_base": receiver.url, "outcomes": {CUSTOMER: "silent"}}
        with running_sandbox(**options) as sandbox:
            sid = send_text(sandbox, status_callback="https://shop.example/cb/?x=1").sid
            assert sandbox.emit("delivered", message_id=sid) == 1
            assert sandbox.emit("open", message_id=sid) == 0
            assert sandbox.settle()

    assert receiver.forms("/cb/")[0]["MessageStatus"] == "delivered"


def test_record_is_one_json_line_each_and_is_continued(tmp_path):
    path = tmp_path / "deep" / "accepted.jsonl"
    for _ in range(2):
        with running_sandbox(record=path, events=False) as sandbox:
            post_mail(sandbox, mail("ann@example.com", "bob@example.com"))

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["to"].partition("@")[0] for line in lines] == ["ann", "bob"] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_record_of_many_threads_has_whole_lines(tmp_path):
    record = Record(tmp_path / "accepted.jsonl")
    workers = [
        threading.Thread(
            target=lambda n=n: [
                record.append([{"kind": "email", "n": n, "pad": "x" * 5000}] * 3) for _ in range(20)
            ]
        )
        for n in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(record.accepted()) == 480
    assert record.counts["email"] == 480
    record.close()


def test_signing_key_is_made_once_and_only_for_its_owner(tmp_path):
    path = tmp_path / "keys" / "signing.pem"
    first, second = EventSigner.open(path), EventSigner.open(path)

    assert first.public_key == second.public_key != EventSigner.open(None).public_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_taken_port_is_said_in_one_sentence():
    with running_sandbox() as sandbox, pytest.raises(PortTakenError, match="another with --port"):
        Sandbox(SandboxOptions(), port=sandbox.port)


@pytest.mark.parametrize(
    "options", [{"speed": -1}, {"webhook_base": "localhost:8000"}, {"faults": {"418": 1}}]
)
def test_wrong_option_is_refused_at_the_start(options):
    with pytest.raises(ValueError, match=r"speed|webhook_base|418"), running_sandbox(**options):
        pass


def test_sandbox_loads_neither_django_nor_tables():
    code = (
        "import sys, communications.sandbox;"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"


def run_command(*arguments):
    return subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.processes
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_command_records_and_stops_cleanly_on_a_signal(tmp_path, ending):
    record = tmp_path / "accepted.jsonl"
    process = run_command("--port", "0", "--record", str(record), "--fault", "429=0")
    try:
        url = process.stdout.readline().split()[-1]
        requests.post(
            f"{url}/v3/mail/send",
            json=mail("ann@example.com"),
            headers={"Authorization": "Bearer SG.any"},
            timeout=10,
        ).raise_for_status()
        process.send_signal(ending)
        output, errors = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (process.returncode, "Traceback" in errors) == (0, False)
    assert "Accepted: 1 emails, 0 SMS." in output
    assert len(record.read_text().splitlines()) == 1


@pytest.mark.processes
def test_command_on_a_taken_port_gives_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = run_command("--port", port)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used (Address already in use): "
        "stop what is running there, or choose another with --port."
    )


@pytest.mark.processes
def test_command_refuses_an_unknown_fault_by_name():
    process = run_command("--port", "0", "--fault", "418=0.5")
    _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "unknown fault '418'; known are ok, drop_after_accept" in errors
