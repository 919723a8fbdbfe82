"""Public pages behind signed links: no sign-in, no cookie, no tracking, no script."""

import re
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt

from barbershop import whole_numbers
from barbershop.client_address import client_ip
from barbershop.deadlocks import retried
from communications import clicks, languages, links, preferences, unsubscribe
from communications.accounts import sender_for
from communications.models import CustomerCommunication, TrackedLink
from customers.channels import Channel, Topic

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#][^\s]*\Z", re.IGNORECASE)


def _public(view: Callable) -> Callable:
    """Answers are nobody's but the receiver's: not stored, not indexed, their address not told."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except Http404:
            # The receiver of a message is no member of staff: our own 404 would mislead him.
            response = HttpResponse(
                render_to_string("communications/link_not_found.html"), status=404
            )
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    answer.shopless = True
    return answer


@_public
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what one gets and changes nothing; POST opts out (RFC 8058, and the button).

    Only the page's own form, which names itself in the query, does anything else than opt out.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    said = links.read(token)
    if not isinstance(said, links.Unsubscribe):
        raise Http404
    messages = CustomerCommunication.objects.select_related("shop", "customer")
    message = get_object_or_404(messages, uuid=said.communication)
    is_form = request.method == "POST" and "preferences" in request.GET
    if request.method == "POST" and not is_form:
        _opt_out(request, message)  # before its body is read: that may be no form at all
    known = message.customer.language if message.customer else ""
    language = languages.choose(request, known=known, shop=message.shop)
    is_saved, is_too_often = False, False
    if is_form and (request.POST.get("do") == "nothing" or "offered" in request.POST):
        is_too_often = not retried(lambda: _save(request, message, language=language))
        is_saved = not is_too_often
    page = {
        "shop_name": message.shop.name,
        "shop": message.shop,
        "channel": message.channel,
        "is_out": unsubscribe.is_out(message),
        "is_reminder": message.topic != Topic.MARKETING,
        "is_saved": is_saved,
        "is_too_often": is_too_often,
        "choices": preferences.choices(message, language=language),
        "texts_from": sender_for(shop=message.shop, channel=Channel.SMS).address,
        "languages": languages.names(),
        "lang": language,
    }
    with translation.override(language):
        return HttpResponse(render_to_string("communications/unsubscribe.html", page))


def _save(request: HttpRequest, message: CustomerCommunication, *, language: str) -> bool:
    """Whether all that he ticked was done or asked for."""
    if request.POST.get("do") == "nothing":
        preferences.stop_everything(message, now=timezone.now(), **_evidence(request))
        return True
    return preferences.save(
        message,
        offered=request.POST.getlist("offered"),
        wanted=request.POST.getlist("wanted"),
        language=language,
        now=timezone.now(),
        **_evidence(request),
    )


def _opt_out(request: HttpRequest, message: CustomerCommunication) -> None:
    source = "unsubscribe_page" if "confirm" in request.GET else "one_click"
    evidence = _evidence(request)
    retried(lambda: unsubscribe.by_message(message, source=source, now=timezone.now(), **evidence))


def _evidence(request: HttpRequest) -> dict:
    return {"ip": client_ip(request), "user_agent": request.headers.get("User-Agent", "")}


@_public
def tracked_link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to the stored target, and note who came: a person or a machine."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    said = links.read(token)
    if not isinstance(said, links.Click) or said.link_id > whole_numbers.LARGEST:
        raise Http404
    message = get_object_or_404(CustomerCommunication, uuid=said.communication)
    link = get_object_or_404(TrackedLink, pk=said.link_id, content_id=message.content_id)
    if not _WEB_ADDRESS.match(link.target):
        raise Http404
    clicks.record(
        link=link,
        message=message,
        verdict=clicks.judge(method=request.method, headers=request.headers),
        now=timezone.now(),
    )
    return HttpResponse(status=302, headers={"Location": iri_to_uri(link.target)})
