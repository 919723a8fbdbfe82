"""Processes of ours: started, measured from outside by Linux' ``/proc``, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
_TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A step did not end as it should; the message is for the person at the terminal."""


class Program:
    """A Python program in a process group of its own; as a context manager it ends with the block.

    Args:
        arguments: what comes after ``python``: ``["manage.py", "dispatch", "--loop"]``.
        log: where its output goes.
    """

    def __init__(self, arguments: list[str], *, env: Mapping[str, str], log: Path):
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def check(self) -> None:
        """
        Raises:
            Failed: when the program has ended by itself.
        """
        if self.process.poll() is not None:
            raise Failed(f"It ended by itself:\n{self.log.read_text()[-3000:]}")

    def cpu_seconds(self) -> float:
        """User and system time of the program and its children, ended ones included."""
        return sum(cpu_seconds(pid) for pid in self._pids())

    def peak_mb(self) -> float:
        """The largest resident size that each process has had, added up."""
        return sum(_peak_mb(pid) for pid in self._pids())

    def _pids(self) -> list[int]:
        group = self.process.pid  # it leads its group
        return [pid for pid in _all_pids() if _stat(pid)[2:3] == [str(group)]]


def output_of(arguments: list[str], *, env: Mapping[str, str], seconds: float) -> str:
    """What a program prints.

    Raises:
        Failed: when it fails, or is not done in time; it is ended then.
    """
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(arguments)} took more than {seconds:.0f} s.") from late
    if done.returncode:
        raise Failed(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def until(look: Callable, *, seconds: float, what: str, program: Program | None = None):
    """What ``look`` returns once it is true.

    Raises:
        Failed: when that takes too long, or the program it depends on has ended.
    """
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if program:
            program.check()
        if time.monotonic() > deadline:
            raise Failed(f"{what} is not there after {seconds:.0f} s.")
        time.sleep(0.05)
    return seen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """Nothing for a process that is gone or not on this machine."""
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) / _TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name, which may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return sum(
        int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")
    )


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
