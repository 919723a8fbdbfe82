"""Sockets: a threaded HTTP/1.1 server on loopback that keeps connections alive."""

import logging
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .exchange import Request, Response, json_response

HOST = "127.0.0.1"
DISCARDED = 128 * 1024 * 1024

logger = logging.getLogger(__name__)


class PortTakenError(Exception):
    """The port is in use; the message says what to do."""


class Server(ThreadingHTTPServer):
    """Hands each request to `answer` and writes what it returns."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, *, answer, max_body: int):
        self.answer = answer
        self.max_body = max_body
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise PortTakenError(
                f"Port {port} on {HOST} cannot be used ({error.strerror}): stop what is running "
                "there, or choose another with --port."
            ) from error

    def process_request(self, request, client_address):
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep open; their threads end with them."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _shut(connection)

    def handle_error(self, request, client_address):
        if isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            return  # the client has gone
        logger.exception("a request could not be answered")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers are small: waiting to fill a packet would cost 40 ms each.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        response = self._unreadable() or self.server.answer(self._read())
        try:
            if response.dropped:
                self.close_connection = True
                _shut(self.connection)
            else:
                self._write(response)
        finally:
            # Whether or not the client has waited for it, what was accepted goes its way.
            if response.after is not None:
                response.after()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _unreadable(self) -> Response | None:
        """Refuse a body of unknown or too great a length, and end the connection."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.close_connection = True
            return json_response({"errors": [{"message": "Length Required"}]}, status=411)
        if len(length) > 12 or int(length) > self.server.max_body:
            self.close_connection = True
            self._discard(int(length))
            problem = {"message": "Payload too large", "field": None, "help": None}
            return json_response({"errors": [problem]}, status=413)
        return None

    def _discard(self, length: int) -> None:
        """Read on for a while: a client that is cut off while it writes never sees the answer."""
        left = min(length, DISCARDED)
        while left > 0 and (piece := self.rfile.read(min(left, 65_536))):
            left -= len(piece)

    def _read(self) -> Request:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionError("the client went away in the middle of its request")
        parts = urlsplit(self.path)
        return Request(self.command, parts.path, parts.query, self.headers, body)

    def _write(self, response: Response) -> None:
        headers = {
            "Server": "sandbox",
            "Date": self.date_time_string(),
            **response.headers,
            "Content-Length": str(len(response.body)),
            "Connection": "close" if self.close_connection else "keep-alive",
        }
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head + response.body)  # in one write: one packet

    def log_message(self, format, *args):
        """Say nothing: addresses and texts do not belong in a log."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already
