"""The sandbox's own endpoints under /sandbox/, for people and for tests."""

import json
from typing import Any

from .exchange import Refused, Request, Response, json_response
from .faults import FAULT_MODES
from .webhook_bodies import EMAIL_EVENTS, TEXT_EVENTS


def answer(request: Request, sandbox) -> Response:
    """Answer a request to /sandbox/...; raise Refused with one clear sentence."""
    route = (request.method, request.path.removeprefix("/sandbox/").strip("/"))
    action = _ROUTES.get(route)
    if action is None:
        known = ", ".join(f"{method} /sandbox/{path}" for method, path in _ROUTES)
        raise _problem(f"no such page; there are {known}", status=404)
    return action(request, sandbox)


def _health(request: Request, sandbox) -> Response:
    return json_response({"status": "ok"})


def _public_key(request: Request, sandbox) -> Response:
    body = f"{sandbox.public_key}\n".encode()
    return Response(200, body, {"Content-Type": "text/plain; charset=utf-8"})


def _stats(request: Request, sandbox) -> Response:
    return json_response(sandbox.stats())


def _show_faults(request: Request, sandbox) -> Response:
    return json_response({"faults": sandbox.faults.current(), "modes": FAULT_MODES})


def _replace_faults(request: Request, sandbox) -> Response:
    """The body, {"mode": probability}, takes the place of all faults in force; {} ends them."""
    try:
        sandbox.faults.replace(_object(request))
    except ValueError as error:
        raise _problem(str(error)) from None
    return _show_faults(request, sandbox)


def _inbound(request: Request, sandbox) -> Response:
    given = _object(request)
    sender, to, body = (given.get(key) for key in ("from", "to", "body"))
    if not all(isinstance(value, str) and value for value in (sender, to, body)):
        raise _problem('give {"from": "+1...", "to": "+1...", "body": "..."}')
    if not sandbox.inbound(sender=sender, to=to, body=body):
        raise _problem("the sandbox was started without --webhook-base", status=409)
    return json_response({"queued": 1}, status=202)


def _event(request: Request, sandbox) -> Response:
    """Body: {"communication" or "message_id": ..., "event": ..., further fields of the event}."""
    given = _object(request)
    event = given.pop("event", None)
    if event not in EMAIL_EVENTS | TEXT_EVENTS:
        raise _problem(f"event is one of {', '.join(sorted(EMAIL_EVENTS | TEXT_EVENTS))}")
    communication, message_id = given.pop("communication", ""), given.pop("message_id", "")
    queued = sandbox.emit(event, communication=communication, message_id=message_id, **given)
    if not queued:
        raise _problem("no such message, or nobody to tell of it", status=404)
    return json_response({"queued": queued}, status=202)


def _object(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        raise _problem("the body is no JSON") from None
    if not isinstance(given, dict):
        raise _problem("the body is no JSON object")
    return given


def _problem(sentence: str, *, status: int = 400) -> Refused:
    return Refused(json_response({"error": sentence}, status=status))


_ROUTES = {
    ("GET", "health"): _health,
    ("GET", "public-key"): _public_key,
    ("GET", "stats"): _stats,
    ("GET", "faults"): _show_faults,
    ("POST", "faults"): _replace_faults,
    ("POST", "inbound"): _inbound,
    ("POST", "events"): _event,
}
