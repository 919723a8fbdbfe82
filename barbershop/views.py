"""Pages that belong to no floor: health, the choice of shop, errors, the API's docs."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from drf_spectacular.views import SpectacularSwaggerSplitView

from barbershop import health, tenancy, whole_numbers
from barbershop.api.errors import error_body
from barbershop.models import Barbershop

MACHINE_PATHS = ("/api/", "/webhooks/")


@never_cache
@require_safe
def livez(request):
    """The process is up and answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request):
    """The process can do its work: 200, or 503 with what is missing."""
    found = health.state()
    well = health.is_well(found)
    body = {"status": "ok" if well else "unavailable", "checks": found}
    return JsonResponse(body, status=200 if well else 503)


livez.shopless = readyz.shopless = True


@login_required
@require_POST
def switch_shop(request):
    """Work in another of one's shops from now on."""
    chosen = whole_numbers.read(request.POST.get("shop", ""))
    shop = get_object_or_404(Barbershop.objects.for_user(request.user), pk=chosen or 0)
    request.session[tenancy.SESSION_KEY] = shop.pk
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        onward, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(onward if safe else "/")


@require_safe
def api_index(request):
    """Where the API is described, for whoever opens its root."""
    return JsonResponse(
        {
            "docs": request.build_absolute_uri(reverse("api-docs")),
            "schema": request.build_absolute_uri(reverse("schema")),
            "sign_in": "Send the header Authorization: Bearer <token>.",
        }
    )


api_index.shopless = True


class ApiDocs(SpectacularSwaggerSplitView):
    """The API's document, readable. Its script is a file of ours, so the CSP needs no exception."""

    url_name = "schema"
    url_self = reverse_lazy("api-docs")
    permission_classes = ()
    authentication_classes = ()


def bad_request(request, exception):
    return _answer(request, 400, "bad_request", "The request cannot be read.") or (
        defaults.bad_request(request, exception)
    )


def permission_denied(request, exception):
    return _answer(request, 403, "permission_denied", "That is not allowed.") or (
        defaults.permission_denied(request, exception)
    )


def not_found(request, exception):
    return _answer(request, 404, "not_found", "There is nothing at this address.") or (
        defaults.page_not_found(request, exception)
    )


def server_error(request):
    return _answer(request, 500, "error", "Something went wrong on our side.") or (
        defaults.server_error(request)
    )


def _answer(request, status: int, code: str, message: str) -> JsonResponse | None:
    """Machines get JSON, people get a page."""
    if not f"{request.path}/".startswith(MACHINE_PATHS):
        return None
    return JsonResponse(error_body(code, message), status=status)
