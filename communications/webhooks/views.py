"""Thin doors: verify, store, answer. What the events mean is found out by the fold."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from barbershop.api.errors import error_body
from communications import events
from communications.models import ProviderAccount
from communications.webhooks import answers, mail, sendgrid, twilio
from communications.webhooks.hint import ask_to_fold
from communications.webhooks.refusals import Malformed, Refused

Provider = ProviderAccount.Provider
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def _webhook(view: Callable) -> Callable:
    """POST only, limited in size, refusals in the one shape of errors."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            response = _error(405, "method_not_allowed", "Only POST.")
            response["Allow"] = "POST"
            return response
        try:
            return view(request, body=_body(request))
        except Refused as refused:
            return _error(refused.status, refused.code, str(refused))

    answer.shopless = True
    return answer


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse(error_body(code, message), status=status)


class _TooLarge(Refused):
    status = 413
    code = "too_large"


def _body(request: HttpRequest) -> bytes:
    # The middleware has refused what says it is too large; this holds where there is none.
    limit = settings.WEBHOOK_BODY_LIMIT
    try:
        body = request.read(limit + 1)
    except (OSError, UnreadablePostError, RawPostDataException):
        raise Malformed("The body could not be read.") from None
    if len(body) > limit:
        raise _TooLarge(f"The body is larger than {limit} bytes.")
    return body


def _store(provider: str, reported: list[events.Reported]) -> None:
    with transaction.atomic():
        if events.record(provider, reported, now=timezone.now()):
            transaction.on_commit(ask_to_fold)


@_webhook
def sendgrid_events(request: HttpRequest, *, body: bytes) -> HttpResponse:
    """SendGrid's event batches."""
    sendgrid.verify(
        body,
        signature=request.headers.get(sendgrid.SIGNATURE, ""),
        timestamp=request.headers.get(sendgrid.TIMESTAMP, ""),
        public_keys=settings.SENDGRID_WEBHOOK_PUBLIC_KEYS,
        now=timezone.now(),
    )
    _store(Provider.SENDGRID, sendgrid.parse(body))
    return HttpResponse(status=200)


@_webhook
def sendgrid_inbound(request: HttpRequest, *, body: bytes) -> HttpResponse:
    """An answer by email, or an email to the address in List-Unsubscribe."""
    mail.verify(given=request.GET.get("secret", ""), secret=settings.SENDGRID_INBOUND_SECRET)
    content_type = request.META.get("CONTENT_TYPE", "")
    answers.store(Provider.SENDGRID, mail.parse(body, content_type=content_type))
    return HttpResponse(status=200)


@_webhook
def twilio_status(request: HttpRequest, *, body: bytes) -> HttpResponse:
    """Delivery states of one text."""
    form = _verified_form(request, body)
    _store(Provider.TWILIO, [twilio.parse_status(form, query=request.GET)])
    return HttpResponse(status=200)


@_webhook
def twilio_inbound(request: HttpRequest, *, body: bytes) -> HttpResponse:
    """An answer by text. Nothing is answered: Twilio itself confirms STOP, START and HELP."""
    form = _verified_form(request, body)
    answers.store(Provider.TWILIO, twilio.parse_inbound(form))
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


def _verified_form(request: HttpRequest, body: bytes):
    if request.content_type != twilio.FORM:
        raise Malformed(f"The body is not {twilio.FORM}.")
    query = request.META.get("QUERY_STRING", "")
    form = twilio.read_form(body)
    twilio.verify(
        form,
        url=f"{settings.PUBLIC_BASE_URL}{request.path}{'?' if query else ''}{query}",
        signature=request.headers.get(twilio.SIGNATURE, ""),
        token=settings.TWILIO_AUTH_TOKEN,
    )
    return form
