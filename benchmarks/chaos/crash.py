"""Management commands in forks of one process, which may be made to die at an exact point.

A fork has Django loaded already, so a command takes a fraction of a second. ``POINTS`` replaces
verbs of the delivery in such a fork only; the product cannot reach any of this.
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.chaos.servers import leashed
from benchmarks.chaos.tree import ROOT


@dataclass(frozen=True)
class Ended:
    """How a command ended: ``code`` is negative for a signal."""

    code: int
    out: str


class Forks:
    """Use as a context manager. Runs one command at a time."""

    def __init__(self, environment: Mapping[str, str]):
        self._environment = dict(environment)

    def __enter__(self) -> "Forks":
        self._process = subprocess.Popen(
            leashed(sys.executable, "-m", "benchmarks.chaos.crash"),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed."""
        ended = self._ask(arguments, "")
        if ended.code:
            raise RuntimeError(f"{' '.join(arguments)} ended with {ended.code}: {ended.out}")
        return ended.out

    def crash(self, point: str, *arguments: str) -> bool:
        """Run a command that is to die at a point; whether it did."""
        return self._ask(arguments, point).code == -signal.SIGKILL

    def _ask(self, arguments, point: str) -> Ended:
        self._process.stdin.write(json.dumps([list(arguments), point]) + "\n")
        self._process.stdin.flush()
        return Ended(*json.loads(self._process.stdout.readline()))


def _die(*_, **__) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _when_claimed() -> None:
    from communications.delivery import claim

    really = claim.claim

    def claim_and_die(*args, **kwargs):
        return really(*args, **kwargs) and _die()

    claim.claim = claim_and_die


def _after_the_commit_of(state: str) -> Callable[[], None]:
    def patch() -> None:
        from django.db import transaction

        from communications.delivery import transitions

        really = transitions.move

        def move_and_die(*args, to, **kwargs):
            moved = really(*args, to=to, **kwargs)
            if moved and to == state:
                transaction.on_commit(_die)
            return moved

        transitions.move = move_and_die

    return patch


def _when_written() -> None:
    from urllib3.connection import HTTPConnection

    HTTPConnection.getresponse = _die  # the request has left, nothing of its answer is read


def _when_answered() -> None:
    from communications.channels.email import EmailChannel
    from communications.channels.sms import SmsChannel

    for channel in (EmailChannel, SmsChannel):
        really = channel.send

        def send_and_die(self, call, really=really):
            really(self, call)
            _die()

        channel.send = send_and_die


# In the order of a call's life.
POINTS: dict[str, Callable[[], None]] = {
    "claimed": _when_claimed,
    "sending": _after_the_commit_of("sending"),
    "written": _when_written,
    "answered": _when_answered,
    "recorded": _after_the_commit_of("accepted"),
}


def _serve() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        arguments, point = json.loads(line)
        print(json.dumps(_forked(arguments, point)), flush=True)


def _forked(arguments: list[str], point: str) -> tuple[int, str]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os._exit(_child(arguments, point, writing))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        out = pipe.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), out


def _child(arguments: list[str], point: str, writing: int) -> int:
    from django.core.management import call_command

    out, code = io.StringIO(), 0
    try:
        if point:
            POINTS[point]()
        with contextlib.redirect_stdout(out):
            call_command(*arguments, stdout=out)
    except BaseException as error:  # noqa: BLE001 - told to the caller, in this process's stead
        out.write(repr(error))
        code = 1
    with os.fdopen(writing, "w") as pipe:
        pipe.write(out.getvalue())
    return code


if __name__ == "__main__":
    _serve()
