"""One HTTP request and its answer, apart from sockets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """What a client sent, its body read in full."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def arguments(self) -> dict[str, str]:
        """The query string; of a repeated key the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass
class Response:
    """What is sent back. `dropped` closes the connection without a byte of answer.

    `after` runs when the answer has left, so that a webhook follows it rather than races it.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    after: Callable[[], None] | None = None


class Refused(Exception):
    """The request was turned down before anything was accepted."""

    def __init__(self, response: Response):
        super().__init__(response.status)
        self.response = response


def json_response(payload: Any, *, status: int = 200, headers: dict | None = None) -> Response:
    """Return `payload` as a JSON answer."""
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": JSON, **(headers or {})})
