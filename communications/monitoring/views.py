"""``/metrics``, for the one who scrapes and nobody else."""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import choose_encoder

from barbershop.api.errors import error_body
from communications.monitoring.page import Page

# A proxy sets at least one of them: what it passes on did not begin on this machine.
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(Page(now=timezone.now())), content_type=content_type)


metrics.shopless = True


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if not settings.METRICS_TOKEN:
        if _is_from_here(request):
            return None
        said = "Set METRICS_TOKEN and send it, or ask from this machine without a proxy."
        return JsonResponse(error_body("permission_denied", said), status=403)
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    if secrets.compare_digest(given, wanted):
        return None
    said = "Send the header Authorization: Bearer <METRICS_TOKEN>."
    answer = JsonResponse(error_body("not_authenticated", said), status=401)
    answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return answer


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
