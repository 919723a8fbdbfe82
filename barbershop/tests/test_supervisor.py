import io
import os
import signal
import socket
import subprocess
import sys

import pytest

from barbershop.child_process import PrefixedLog, Program
from barbershop.supervisor import StopRequested, Supervisor, SupervisorError

pytestmark = pytest.mark.processes

# A program that says it is there by connecting, and whose end is seen as the connection's end.
STAYS = "import signal, socket; s = socket.create_connection(('127.0.0.1', {port})); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
SUPERVISING = """
import os, sys
from pathlib import Path
from barbershop.child_process import PrefixedLog, Program
from barbershop.supervisor import Supervisor
with Supervisor(env=os.environ, cwd=Path.cwd(), log=PrefixedLog(sys.stdout)) as supervisor:
    supervisor.start(Program(name="child", command=[sys.executable, "-c", {code!r}]))
    supervisor.watch()
"""


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


@pytest.fixture
def log():
    return io.StringIO()


@pytest.fixture
def supervisor(log, tmp_path):
    with Supervisor(env=os.environ, cwd=tmp_path, log=PrefixedLog(log)) as supervisor:
        yield supervisor


def python(name: str, code: str) -> Program:
    return Program(name=name, command=[sys.executable, "-c", code])


def stays(listener, template=STAYS) -> str:
    return template.format(port=listener.getsockname()[1])


def connected(listener) -> socket.socket:
    connection, _ = listener.accept()
    connection.settimeout(20)
    return connection


def test_lines_stand_behind_the_name_of_who_said_them(supervisor, log):
    supervisor.run(python("web", "print('ready')"))

    assert log.getvalue() == "web     | ready\n"


def test_a_program_that_ends_is_reported_with_its_last_lines(supervisor, listener):
    supervisor.start(python("other", stays(listener)))
    supervisor.start(python("web", "import sys; print('no such table'); sys.exit(3)"))

    with pytest.raises(SupervisorError, match=r"web ended with status 3.*\n  no such table"):
        supervisor.watch()


def test_a_program_that_ends_takes_the_others_with_it(log, tmp_path, listener):
    with Supervisor(env=os.environ, cwd=tmp_path, log=PrefixedLog(log)) as supervisor:
        supervisor.start(python("other", stays(listener)))
        other = connected(listener)
        supervisor.start(python("web", "raise SystemExit(1)"))
        with pytest.raises(SupervisorError):
            supervisor.watch()

    assert other.recv(1) == b""


def test_a_step_that_fails_is_an_error(supervisor):
    with pytest.raises(SupervisorError, match="migrate ended with status 2"):
        supervisor.run(python("migrate", "raise SystemExit(2)"))


def test_a_program_that_ends_during_a_step_is_noticed(supervisor, listener):
    supervisor.start(python("sandbox", "raise SystemExit(1)"))

    with pytest.raises(SupervisorError, match="sandbox ended with status 1"):
        supervisor.run(python("seed", stays(listener)))


def test_an_answer_that_never_comes_is_an_error(supervisor):
    with pytest.raises(SupervisorError, match="The page did not come within 0 seconds"):
        supervisor.wait_for(lambda: None, seconds=0.2, what="The page")


def test_a_later_program_gets_what_was_added_to_the_environment(supervisor, log):
    supervisor.set_environment(WEBHOOK_KEY="k-1")

    supervisor.run(python("web", "import os; print(os.environ['WEBHOOK_KEY'])"))

    assert log.getvalue() == "web     | k-1\n"


def test_a_stop_signal_ends_programs_and_what_they_started(log, tmp_path, listener):
    with Supervisor(env=os.environ, cwd=tmp_path, log=PrefixedLog(log)) as supervisor:
        supervisor.start(python("parent", PARENT.format(code=stays(listener))))
        grandchild = connected(listener)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequested):
            supervisor.watch()

    assert grandchild.recv(1) == b""


def test_a_program_that_ignores_being_asked_is_killed(log, tmp_path, listener, monkeypatch):
    monkeypatch.setattr("barbershop.supervisor.GRACE_SECONDS", 0.2)
    with Supervisor(env=os.environ, cwd=tmp_path, log=PrefixedLog(log)) as supervisor:
        supervisor.start(python("stubborn", stays(listener, STUBBORN)))
        stubborn = connected(listener)

    assert stubborn.recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_no_program_outlives_a_killed_supervisor(listener):
    code = SUPERVISING.format(code=stays(listener))
    supervising = subprocess.Popen([sys.executable, "-c", code])
    child = connected(listener)

    supervising.kill()
    supervising.wait()

    assert child.recv(1) == b""
