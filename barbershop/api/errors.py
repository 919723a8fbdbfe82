"""One shape for every error: ``{"error": {"code", "message", "fields"}}``."""

import logging
import re

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error

from barbershop import deadlocks

logger = logging.getLogger(__name__)

_CHECK = re.compile(r'CHECK constraint failed: (\w+)|violates check constraint "(\w+)"')
_UNIQUE = re.compile(r"UNIQUE constraint failed|violates unique constraint")


class ApiError(exceptions.APIException):
    """A refusal with its code, a sentence, and the fields it is about."""

    status_code = 400

    def __init__(self, code: str, message: str, fields: dict | None = None, status: int = 0):
        super().__init__(message, code)
        self.code, self.message, self.fields = code, message, fields or {}
        self.status_code = status or self.status_code


class Conflict(ApiError):
    """The request is right, but not in this state."""

    status_code = 409


class Busy(ApiError):
    """Others write about the same; nothing of this request was kept."""

    wait = 1  # seconds

    def __init__(self):
        super().__init__("busy", "Others change the same rows; send it again.", status=503)


def error_body(code: str, message: str, fields: dict | None = None) -> dict:
    return {"error": {"code": code, "message": message, "fields": fields or {}}}


def exception_handler(exc, context) -> Response | None:
    """Answer an exception of an API view; None (a fault of ours) goes on to be a 500."""
    exc = _translated(exc)
    if not isinstance(exc, exceptions.APIException):
        return None
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))
    return Response(body_of(exc), status=exc.status_code, headers=headers)


def body_of(exc: exceptions.APIException | ModelError) -> dict:
    """The error shape of one exception; bulk calls use it for each item."""
    exc = _translated(exc)
    if isinstance(exc, ApiError):
        return error_body(exc.code, exc.message, exc.fields)
    if isinstance(exc, exceptions.ValidationError):
        fields = flatten(exc.detail)
        return error_body("invalid", _sentence(fields), fields)
    if isinstance(exc, exceptions.NotAuthenticated):
        return error_body(exc.get_codes(), "Send the header Authorization: Bearer <token>.")
    return error_body(exc.get_codes(), str(exc.detail))


def flatten(detail, path: str = "") -> dict[str, list[str]]:
    """Nested messages by dotted path: ``{"channels.email.subject": ["…"]}``."""
    if isinstance(detail, dict):
        parts = detail.items()
    elif any(isinstance(part, dict | list) for part in detail):
        parts = enumerate(detail)
    else:
        return {path or "non_field_errors": [str(message) for message in detail]}
    found: dict[str, list[str]] = {}
    for key, part in parts:
        inner = path if key == "non_field_errors" else f"{path}.{key}".strip(".")
        messages = part if isinstance(part, dict | list) else [part]
        if messages:
            found.update(flatten(messages, inner))
    return found


def _sentence(fields: dict[str, list[str]]) -> str:
    if not fields:
        return "The request is not valid."
    (path, messages), *others = fields.items()
    first = messages[0] if path == "non_field_errors" else f"{path}: {messages[0]}"
    return f"{first} (And {len(others)} more; see fields.)" if others else first


def _translated(exc: Exception) -> Exception:
    """Exceptions of Django and of the database that the caller has caused, as API errors."""
    if isinstance(exc, Http404):
        return exceptions.NotFound("There is nothing here under that id.")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, ModelError):
        return exceptions.ValidationError(as_serializer_error(exc))
    if isinstance(exc, RequestDataTooBig):
        return ApiError("too_large", "The body is too large.", status=413)
    if isinstance(exc, SuspiciousOperation):
        return ApiError("bad_request", "The request cannot be read.")
    if isinstance(exc, ProtectedError | RestrictedError):
        return Conflict("in_use", "Other records depend on it, so it cannot be deleted.")
    if isinstance(exc, IntegrityError):
        return _of_constraint(exc)
    if deadlocks.is_one(exc):
        return Busy()
    if isinstance(exc, DataError | OverflowError | RecursionError | UnicodeEncodeError):
        # The last line: something that validation let through and the database cannot hold.
        logger.warning("A value was refused by the database", exc_info=exc)
        return ApiError("out_of_range", "A value is too large, too deep or cannot be stored.")
    return exc


def _of_constraint(exc: IntegrityError) -> Exception:
    """Constraints are named as sentences, so that the name can be the answer."""
    check = _CHECK.search(str(exc))
    if check:
        name = (check.group(1) or check.group(2)).replace("_", " ")
        return ApiError("constraint", f"The values break a rule: {name}.")
    if _UNIQUE.search(str(exc)):
        return Conflict("duplicate", "Another record with the same identity exists already.")
    return exc
