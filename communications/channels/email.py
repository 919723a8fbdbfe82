"""Email through django-anymail: one call holds up to 1,000 recipients."""

import re
import threading

import requests
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

from communications.channels.base import (
    UNSENDABLE,
    Answer,
    DeliveryError,
    EmailCall,
    Failure,
)
from communications.channels.connection import answer_failure, connection_failure, seconds
from communications.compiled import clean

_FIELD = re.compile(r"personalizations[.\[](\d+)")
_local = threading.local()


class _Finished(list):
    """A list that is passed on as it is: anymail's deep copy takes longer than all the rest."""

    def __deepcopy__(self, memo):
        return self


class EmailChannel:
    def send(self, call: EmailCall) -> Answer:
        try:
            message = self.message(call)
            _connection().send_messages([message])
        except AnymailRequestsAPIError as error:
            raise _failure(error) from error
        except (AnymailError, ValueError) as error:
            # Refused on our side while the request was being built: no byte has left, and no
            # recipient is at fault.
            raise DeliveryError(
                str(error)[:300], failure=Failure.REFUSED_US, code=UNSENDABLE
            ) from error
        response = message.anymail_status.esp_response
        return Answer(
            status=response.status_code, provider_id=response.headers.get("X-Message-Id", "")
        )

    def message(self, call: EmailCall) -> EmailMultiAlternatives:
        """The message as anymail sends it.

        The finished list of recipients replaces anymail's own: building it there costs three
        times as much, and two spellings of one address would lose their data.

        Raises:
            ValueError: for an address to write from that breaks a line.
        """
        if clean(call.sender.address) != call.sender.address:
            raise ValueError("The address that emails come from holds a line break.")
        # Neither Django nor anymail minds every character that ends a line somewhere.
        sender = sanitize_address((clean(call.sender.name), call.sender.address), "utf-8")
        message = EmailMultiAlternatives(
            subject=clean(call.subject),
            body=call.text,
            from_email=sender,
            to=[call.personalizations[0]["to"][0]["email"]],
        )
        message.attach_alternative(call.html, "text/html")
        message.track_clicks = False  # our own links are the truth
        message.track_opens = True
        message.esp_extra = {"personalizations": _Finished(call.personalizations)}
        return message


def _connection():
    """One connection per thread, kept open: a session is not safe to share."""
    key = (settings.EMAIL_BACKEND, settings.SENDGRID_API_URL, settings.SENDGRID_API_KEY)
    if getattr(_local, "key", None) != key:
        _local.connection = get_connection(
            api_url=settings.SENDGRID_API_URL, api_key=settings.SENDGRID_API_KEY
        )
        _local.connection.open()
        _local.key = key
    return _local.connection


def _failure(error: AnymailRequestsAPIError) -> DeliveryError:
    response = error.response
    if response is None:  # the exception is also the connection's own
        return connection_failure(error)
    messages, index = _errors(response)
    failed = answer_failure(
        status=response.status_code,
        message=messages or f"SendGrid answered {response.status_code}.",
        retry_after=seconds(response.headers.get("Retry-After")),
    )
    failed.index = index
    return failed


def _errors(response: requests.Response) -> tuple[str, int | None]:
    """SendGrid's own words, and the recipient that they name."""
    try:
        errors = response.json()["errors"]
        text = "; ".join(str(error.get("message", "")) for error in errors)
        fields = " ".join(str(error.get("field") or "") for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", None
    named = _FIELD.search(f"{fields} {text}")
    return text[:300], int(named[1]) if named else None
