"""One child process: its own session, its lines prefixed into a shared log, gone with its parent.

Nothing here knows Django.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

KEPT_LINES = 20
COLOURS = (36, 32, 35, 33, 34)
PR_SET_PDEATHSIG = 1

# Loaded here and not between fork and exec, where only the simplest calls are safe.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, and the name that stands before its lines."""

    name: str
    command: Sequence[str]


class PrefixedLog:
    """Whole lines from many threads, each behind the name of who wrote it."""

    def __init__(self, stream: TextIO, *, width: int = 8):
        self._stream = stream
        self._width = width
        self._lock = threading.Lock()
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        self.write(f"{self._prefix(name)} {text}")

    def write(self, text: str = "") -> None:
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                return  # nobody reads any more; the children must still be stopped in order

    def _prefix(self, name: str) -> str:
        label = f"{name:<{self._width}}|"
        if not self._coloured:
            return label
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\x1b[{colour}m{label}\x1b[0m"


class Child:
    """A running program. ``last_lines`` keeps the end of what it said."""

    def __init__(self, program: Program, *, env: Mapping[str, str], cwd: Path, log: PrefixedLog):
        self.name = program.name
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._lock = threading.Lock()
        self._process = subprocess.Popen(  # noqa: S603 - the caller's own programs
            list(program.command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )
        self._reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def said(self, find: Callable[[str], str | None]) -> str | None:
        """The first thing that ``find`` makes of one of the kept lines."""
        with self._lock:
            lines = list(self.last_lines)
        return next((found for line in lines if (found := find(line))), None)

    def finish_reading(self) -> None:
        """Wait for the rest of its output. A grandchild may hold the pipe open: not for long."""
        self._reader.join(timeout=1)

    def signal(self, number: int) -> None:
        """Send to the whole session, so that what it started itself is reached too."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # gone already; macOS says "permission" of a group of zombies

    def terminate(self) -> None:
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def _read(self, log: PrefixedLog) -> None:
        for raw in self._process.stdout:
            text = raw.rstrip("\n")
            with self._lock:
                self.last_lines.append(text)
            log.line(self.name, text)


def _die_with(parent: int) -> Callable[[], None] | None:
    """On Linux: ask the kernel to kill the child when the parent is gone, however it went."""
    if _libc is None:
        return None

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went between fork and here
            os._exit(1)

    return ask
