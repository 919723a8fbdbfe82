"""The product's processes, started again when they end, and ended on demand.

Each program is the leader of its own process group. Only groups that were started here are ever
signalled, and all of them are gone when the tree is.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from benchmarks.chaos.servers import leashed

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY = 0.2  # seconds
RAISED = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Timeout|Closed|Lost)): .*$", re.MULTILINE)


class Tree:
    """Use as a context manager: leaving it ends every process."""

    def __init__(self, folder: Path, environment: Mapping[str, str]):
        self.folder = folder
        self.environment = dict(environment)
        self.kills: Counter[str] = Counter()
        self.restarts = 0
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen] = {}
        self._stopped: set[int] = set()  # groups under SIGSTOP
        self._left: set[int] = set()  # groups whose leader was ended alone
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> "Tree":
        self._keeper.start()
        return self

    def __exit__(self, *_) -> None:
        self._closing.set()
        self._keeper.join()
        self.end()

    def start(self, name: str, *arguments: str) -> None:
        """Run ``python arguments`` and start it again whenever it ends. Returns at once."""
        with self._lock:
            self._commands[name] = [sys.executable, *arguments]

    def names(self, prefix: str = "") -> list[str]:
        with self._lock:
            return sorted(name for name in self._commands if name.startswith(prefix))

    def end(self, prefix: str = "") -> None:
        """Kill for good whatever has such a name; everything without one."""
        with self._lock:
            for name in self.names(prefix):
                del self._commands[name]
                process = self._running.pop(name, None)
                if process is not None:
                    self._signal(process.pid, signal.SIGKILL)
                    process.wait()
                    self._left.add(process.pid)
            for group in list(self._left):
                self._signal(group, signal.SIGKILL)

    def kill(self, name: str, *, part: str = "all") -> bool:
        """SIGKILL a program: ``all`` of it, its ``parent`` alone or its ``child`` alone.

        False when there was nothing to kill: it is only just being started.
        """
        with self._lock:
            process = self._running.get(name)
            if process is None or process.pid in self._stopped or process.poll() is not None:
                return False
            if part == "child":
                children = _children(process.pid)
                if not children:
                    return False
                return _signalled(os.kill, children[0])
            self._left.add(process.pid)
            return _signalled(os.kill if part == "parent" else os.killpg, process.pid)

    def stall(self, name: str) -> int | None:
        """SIGSTOP a program; returns its group, for ``wake``."""
        with self._lock:
            process = self._running.get(name)
            if process is None or process.poll() is not None or process.pid in self._stopped:
                return None
            self._stopped.add(process.pid)
            self._signal(process.pid, signal.SIGSTOP)
            return process.pid

    def wake(self, group: int) -> None:
        with self._lock:
            self._stopped.discard(group)
            self._signal(group, signal.SIGCONT)

    def owner_of(self, port: int) -> str | None:
        """The program that holds the loopback connection from this port; only Linux tells."""
        inode = _inode_of(port)
        with self._lock:
            running = {name: process.pid for name, process in self._running.items()}
        for name, leader in running.items():
            if inode and any(_holds(pid, inode) for pid in (leader, *_children(leader))):
                return name
        return None

    def is_up(self, name: str) -> bool:
        with self._lock:
            process = self._running.get(name)
            return process is not None and process.poll() is None

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def exceptions(self) -> Counter[str]:
        """What the programs logged as raised, by name: an outage is meant to cause some."""
        found: Counter[str] = Counter()
        for name in {path.stem for path in self.folder.glob("*.log")} - {"postgres"}:
            found.update(RAISED.findall(self.log(name)))
        return found

    def _keep(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            with self._lock:
                for name, command in self._commands.items():
                    process = self._running.get(name)
                    if process is not None and process.poll() is None:
                        continue
                    if process is not None:
                        self.restarts += 1
                    self._running[name] = self._spawn(name, command)
                self._left = {group for group in self._left if _exists(group)}

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                leashed(*command),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @staticmethod
    def _signal(group: int, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _inode_of(port: int) -> str | None:
    """The socket with this local port, as Linux numbers it."""
    with suppress(OSError):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[9] != "0":
                return fields[9]
    return None


def _holds(pid: int, inode: str) -> bool:
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            if os.readlink(link) == f"socket:[{inode}]":
                return True
    return False


def _signalled(send, number: int) -> bool:
    try:
        send(number, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
