"""A small web server that tests let the sandbox post its webhooks to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Receiver:
    """What has come in. `statuses` answers the first requests, then 200."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    on_request: object = None

    def events(self) -> list[dict]:
        """All SendGrid events, in the order they came."""
        batches = [r for r in self.requests if r.path == "/webhooks/sendgrid/"]
        return [event for batch in batches for event in json.loads(batch.body)]

    def forms(self, path: str) -> list[dict[str, str]]:
        return [r.form for r in self.requests if r.path.partition("?")[0] == path]


@contextmanager
def receiving(*, statuses=(), on_request=None) -> Iterator[Receiver]:
    receiver = Receiver(statuses=list(statuses), on_request=on_request)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received = Received(self.command, self.path, dict(self.headers), body)
            if receiver.on_request:
                receiver.on_request(received)
            receiver.requests.append(received)
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _take  # noqa: N815 - http.server's names

        def log_message(self, format, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
