"""Start the demonstration as a person would, look at its first page, and see it end completely."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAGE_SECONDS = 60
END_SECONDS = 20
GIVE_UP_SECONDS = 180


def main() -> int:
    port = _free_port()
    started = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--reset", f"--port={port}"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    giving_up = threading.Timer(GIVE_UP_SECONDS, demo.kill)
    giving_up.start()
    try:
        if not _is_announced(demo, f"http://127.0.0.1:{port}/"):
            print("demo: it ended before its first page")
            return 1
        seconds = time.monotonic() - started
        page = _get(port, "/login/")
        print(f"demo: first page after {seconds:.1f} s, {page.status}, {len(page.read())} bytes")
        ready = json.loads(_get(port, "/readyz").read() or b"{}")
        print(f"demo: /readyz says {ready}")
        return _end(demo, port) or int(page.status != 200 or seconds > FIRST_PAGE_SECONDS)
    finally:
        giving_up.cancel()
        demo.kill()


def _is_announced(demo: subprocess.Popen, url: str) -> bool:
    for line in demo.stdout:
        print(f"  {line}", end="", flush=True)
        if re.search(rf"\|\s+{re.escape(url)} ", line):
            return True
    return False


def _end(demo: subprocess.Popen, port: int) -> int:
    """Ask it to stop; when it has, nothing may listen on its ports any more."""
    demo.send_signal(signal.SIGTERM)
    output, _ = demo.communicate(timeout=END_SECONDS)
    print("".join(f"  {line}\n" for line in output.splitlines()[-5:]), end="")
    open_ports = [number for number in (port, port + 25) if _answers(number)]
    print(f"demo: ended with {demo.returncode}, still listening: {open_ports or 'nothing'}")
    return 1 if demo.returncode or open_ports else 0


def _get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    """A port that is free and whose neighbour, the sandbox's, is too."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
        if port < 65_000 and not _answers(port + 25):
            return port


if __name__ == "__main__":
    # A demonstration of its own, whatever the caller has configured.
    os.environ.pop("PORT", None)
    sys.exit(main())
