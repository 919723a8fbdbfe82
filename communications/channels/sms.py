"""SMS through the twilio package: one call, one recipient."""

import threading

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from communications.channels.base import Answer, DeliveryError, Failure, SmsCall
from communications.channels.connection import answer_failure, connection_failure

TIMEOUT = (5, 20)  # connect, then each read; seconds. The client has none by default.
NOT_NOW = frozenset({20429, 21611})  # too many requests; the sender's queue is full
_local = threading.local()


class _Http(TwilioHttpClient):
    """Twilio's client, pointed at another host when the settings say so."""

    def __init__(self):
        super().__init__()
        self.timeout = TIMEOUT  # its constructor takes one number only

    def request(self, method, url, *args, **kwargs):
        url = url.replace("https://api.twilio.com", settings.TWILIO_BASE_URL, 1)
        return super().request(method, url, *args, **kwargs)


class SmsChannel:
    def send(self, call: SmsCall) -> Answer:
        options = {}
        if call.validity_seconds:
            options["validity_period"] = call.validity_seconds
        try:
            message = _client().messages.create(
                to=call.to,
                from_=call.sender.address,
                body=call.body,
                status_callback=call.status_callback,
                **options,
            )
        except TwilioRestException as error:
            raise _failure(error) from error
        except requests.RequestException as error:
            raise connection_failure(error) from error
        except (TwilioException, ValueError, KeyError, TypeError) as error:
            # An answer that cannot be read may still be an acceptance.
            raise DeliveryError(
                str(error)[:300], failure=Failure.UNKNOWN, code="unreadable"
            ) from error
        return Answer(status=201, provider_id=message.sid or "")


def _client() -> Client:
    key = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    if getattr(_local, "key", None) != key:
        _local.client = Client(*key, http_client=_Http())
        _local.key = key
    return _local.client


def _failure(error: TwilioRestException) -> DeliveryError:
    failed = answer_failure(
        status=error.status,
        message=str(error.msg)[:300],
        code=str(error.code or error.status),
    )
    if error.code in NOT_NOW:
        failed.failure = Failure.NOT_SENT
    elif error.code == 20003:
        failed.failure = Failure.REFUSED_US
    return failed
