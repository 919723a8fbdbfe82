"""Who takes the messages and counts them: the recorder, or the product's own sandbox."""

import json
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sending.processes import HOST, Program, free_port, until


@dataclass(frozen=True)
class Counted:
    """
    Attributes:
        people: different addresses among the recipients.
        cpu: seconds of the provider's own process.
    """

    recipients: int
    people: int
    cpu: float = 0.0


@dataclass(frozen=True)
class Recorder:
    url: str

    def counted(self) -> Counted:
        """Since it was asked last."""
        with urllib.request.urlopen(self.url, timeout=30) as answer:  # noqa: S310 - loopback
            said = json.load(answer)
        return Counted(said["recipients"], said["people"], said["cpu"])


class Sandbox:
    """``manage.py sandbox``: it checks every call against the vendor's rules, and is slower."""

    def __init__(self, url: str, record: Path):
        self.url = url
        self._record = record
        self._read = 0

    def counted(self) -> Counted:
        """Since it was asked last."""
        with self._record.open("rb") as file:
            file.seek(self._read)
            lines = file.readlines()
            self._read = file.tell()
        return Counted(len(lines), len({json.loads(line)["to"] for line in lines}))


def start_recorder(stack: ExitStack, *, env: Mapping[str, str], folder: Path) -> Recorder:
    port = free_port()
    log = folder / "recorder.log"
    arguments = ["-m", "benchmarks.sending.recorder", str(port)]
    program = stack.enter_context(Program(arguments, env=env, log=log))
    recorder = Recorder(f"http://{HOST}:{port}")
    until(lambda: _answers(recorder.url), seconds=10, what="The recorder", program=program)
    return recorder


def start_sandbox(stack: ExitStack, *, env: Mapping[str, str], folder: Path) -> Sandbox:
    port, record = free_port(), folder / "accepted.jsonl"
    record.touch()
    arguments = ["manage.py", "sandbox", "--port", str(port), "--record", str(record)]
    arguments += ["--no-events", "--no-bodies"]
    program = stack.enter_context(Program(arguments, env=env, log=folder / "sandbox.log"))
    sandbox = Sandbox(f"http://{HOST}:{port}", record)
    until(lambda: _answers(sandbox.url), seconds=20, what="The sandbox", program=program)
    return sandbox


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - loopback
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
