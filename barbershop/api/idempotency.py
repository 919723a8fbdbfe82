"""``Idempotency-Key``: a repeated POST gets the first answer instead of a second effect.

The key is written before the work, under a unique constraint: of two equal requests at once, one
works and the other is told so. Only final answers are kept: after a fault of ours (5xx), a conflict
(409) or a limit (429) the same key may be tried again. A key whose process died is free again
after ``ABANDONED_AFTER``.
"""

import datetime as dt
import hashlib
import tempfile

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from barbershop.api.errors import ApiError, Conflict
from barbershop.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
ABANDONED_AFTER = dt.timedelta(minutes=10)
KEPT_FOR = dt.timedelta(days=7)
CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024


class Replayed(Exception):
    def __init__(self, entry: IdempotencyKey):
        super().__init__(entry.key)
        self.entry = entry


class IdempotencyMixin:
    """For API views that have a shop. Stands before ``APIView`` in the bases."""

    _entry: IdempotencyKey | None = None

    def dispatch(self, request, *args, **kwargs):
        try:
            response = super().dispatch(request, *args, **kwargs)
            if self._entry is not None:
                keep(self._entry, response.render() if hasattr(response, "render") else response)
        except BaseException:
            if self._entry is not None:
                self._entry.delete()
            raise
        return response

    def check_permissions(self, request):
        super().check_permissions(request)
        if request.method == "POST" and HEADER in request.headers:
            self._entry = claim(
                shop=request.shop,
                key=request.headers[HEADER],
                path=request.path.rstrip("/"),
                digest=digest_of_request(request._request),
            )

    def handle_exception(self, exc):
        if isinstance(exc, Replayed):
            return HttpResponse(
                exc.entry.response_body,
                status=exc.entry.status_code,
                content_type="application/json",
                headers={"Idempotency-Replayed": "true"},
            )
        return super().handle_exception(exc)


def claim(*, shop, key: str, path: str, digest: str, now=None) -> IdempotencyKey:
    """Take the key for this request, or raise: ``Replayed``, or why it cannot be used."""
    now = now or timezone.now()
    if not key.strip() or len(key) > LONGEST_KEY:
        raise ApiError("invalid", f"{HEADER} must have 1 to {LONGEST_KEY} characters.")
    request = {"method": "POST", "path": path[:255], "body_digest": digest}
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(shop=shop, key=key, **request)
    except IntegrityError:
        return _claim_again(IdempotencyKey.objects.for_shop(shop).filter(key=key), request, now)


def _claim_again(same_key, request: dict, now: dt.datetime) -> IdempotencyKey:
    entry = same_key.first()
    if entry and any(getattr(entry, name) != value for name, value in request.items()):
        raise Conflict("idempotency_key_reused", f"{HEADER} was used for another request.")
    if entry and entry.answered_at:
        raise Replayed(entry)
    abandoned = same_key.filter(answered_at=None, created_at__lt=now - ABANDONED_AFTER)
    if entry and abandoned.update(created_at=now):
        return entry
    raise Conflict("in_progress", f"A request with this {HEADER} is still being worked on.")


def keep(entry: IdempotencyKey, response) -> None:
    """Store a final answer; let go of the key otherwise."""
    if response.status_code >= 500 or response.status_code in {409, 429}:
        entry.delete()
        return
    IdempotencyKey.objects.filter(pk=entry.pk).update(
        answered_at=timezone.now(),
        status_code=response.status_code,
        response_body=response.content.decode(),
    )


def forget_old(*, now: dt.datetime | None = None) -> int:
    """Delete keys after a week; the number deleted."""
    now = now or timezone.now()
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def digest_of_request(request) -> str:
    """SHA-256 of query and body. The body is put aside, so that the parser can still read it."""
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode() + b"\n")
    if not request._read_started:
        request._stream = _put_aside(request, digest)
        request._read_started = False
    elif hasattr(request, "_body"):
        digest.update(request._body)
    else:
        # A form with files that the CSRF check has read already.
        digest.update(repr(sorted(request.POST.lists())).encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(f"{name} {file.name}".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _put_aside(request, digest) -> tempfile.SpooledTemporaryFile:
    aside = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  lives as long as the request
    while chunk := request.read(CHUNK):
        digest.update(chunk)
        aside.write(chunk)
    aside.seek(0)
    return aside
