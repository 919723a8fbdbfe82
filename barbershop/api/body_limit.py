"""Bodies that are too large are refused before they are read."""

import tempfile

from django.conf import settings
from django.http import JsonResponse

from barbershop.api.errors import error_body
from barbershop.whole_numbers import MOST_DIGITS

CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024


class BodyLimitMiddleware:
    """413 by Content-Length; a chunked body is read aside, and no further than its limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limit = limit_of(request.path)
        if limit is not None:
            refusal = _refuse_declared(request, limit) or _read_chunked(request, limit)
            if refusal is not None:
                return refusal
        return self.get_response(request)


def limit_of(path: str) -> int | None:
    """Bytes that a body under this path may have; None leaves it to Django's own limit."""
    if path.rstrip("/") == "/api/customers/import":
        return settings.CSV_BODY_LIMIT
    if path.startswith("/api/"):
        return settings.API_BODY_LIMIT
    return settings.WEBHOOK_BODY_LIMIT if path.startswith("/webhooks/") else None


def _refuse_declared(request, limit: int) -> JsonResponse | None:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not (declared.isascii() and declared.isdigit()):
        return _answer("bad_request", "Content-Length is not a number.", 400)
    return _too_large(limit) if len(declared) > MOST_DIGITS or int(declared) > limit else None


def _read_chunked(request, limit: int) -> JsonResponse | None:
    """Django takes a body without Content-Length for empty; give it one that has a length."""
    if "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    if not request.META.get("wsgi.input_terminated"):
        return _answer("length_required", "Send the body with a Content-Length.", 411)
    source = request.META["wsgi.input"]
    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  lives as long as the request
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            spool.close()
            return _too_large(limit)
        spool.write(chunk)
    spool.seek(0)
    request._stream = spool
    request.META["CONTENT_LENGTH"] = str(size)
    return None


def _too_large(limit: int) -> JsonResponse:
    return _answer("too_large", f"The body is larger than {limit} bytes.", 413)


def _answer(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse(error_body(code, message), status=status)
