"""Several programs that live and die together: one ends, all end. Nothing here knows Django."""

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from barbershop.child_process import Child, PrefixedLog, Program

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 10
POLL_SECONDS = 0.1


class SupervisorError(Exception):
    """A program ended or did not get ready; the message says which, with its last lines."""


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent a stop signal."""


class Supervisor:
    """Use as a context manager: leaving it, by whatever way, stops every program."""

    def __init__(self, *, env: Mapping[str, str], cwd: Path, log: PrefixedLog):
        self._env = env
        self._cwd = cwd
        self._log = log
        self._children: list[Child] = []
        self._stop_signals = 0
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        for number in STOP_SIGNALS:
            # What the caller chose to ignore (nohup does so with SIGHUP) stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_) -> None:
        self._stop_all()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def set_environment(self, **values: str) -> None:
        """Add to the environment of what is started from now on."""
        self._env = {**self._env, **values}

    def start(self, program: Program) -> Child:
        """Start a program that is meant to stay. Call from the main thread: the kernel's
        "die with the parent" counts from the thread that forked."""
        child = self._spawn(program)
        self._children.append(child)
        return child

    def run(self, program: Program) -> None:
        """Run a program to its end; a non-zero status is a SupervisorError."""
        child = self.start(program)
        while child.exit_code() is None:
            self.check(but=child)
            time.sleep(POLL_SECONDS)
        self._children.remove(child)
        child.finish_reading()
        if child.exit_code() != 0:
            raise SupervisorError(_obituary(child))

    def wait_for(self, answer: Callable[[], object], *, seconds: float, what: str):
        """Return the first true answer; until then every program must stay alive."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            if found := answer():
                return found
            time.sleep(POLL_SECONDS)
        raise SupervisorError(f"{what} did not come within {seconds:.0f} seconds.")

    def watch(self) -> None:
        """Stay until a program ends (SupervisorError) or a person stops us (StopRequested)."""
        while True:
            self.check()
            time.sleep(POLL_SECONDS)

    def check(self, *, but: Child | None = None) -> None:
        if self._stop_signals:
            raise StopRequested
        for child in self._children:
            if child is not but and child.exit_code() is not None:
                child.finish_reading()
                raise SupervisorError(_obituary(child))

    def _spawn(self, program: Program) -> Child:
        return Child(program, env=self._env, cwd=self._cwd, log=self._log)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_signals += 1

    def _stop_all(self) -> None:
        """Ask, wait, then kill what is left; a second stop signal ends the waiting."""
        asked = self._stop_signals
        for child in self._children:
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and self._stop_signals <= asked:
            if all(child.exit_code() is not None for child in self._children):
                break
            time.sleep(POLL_SECONDS)
        for child in self._children:
            child.kill()
            child.finish_reading()
        while any(child.exit_code() is None for child in self._children):
            time.sleep(POLL_SECONDS)
        self._children.clear()


def _obituary(child: Child) -> str:
    code = child.exit_code()
    how = f"signal {-code}" if code < 0 else f"status {code}"
    lines = "\n".join(f"  {line}" for line in child.last_lines) or "  (it said nothing)"
    return f"{child.name} ended with {how}. Its last lines:\n{lines}"
