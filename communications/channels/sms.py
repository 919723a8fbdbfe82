"""SMS through the twilio package: one call, one recipient."""

import datetime as dt
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from communications.channels.base import Answer, DeliveryError, Failure, SmsCall
from communications.channels.connection import answer_failure, connection_failure

TIMEOUT = (5, 20)  # connect, then each read; seconds. The client has none by default.
NOT_NOW = frozenset({20429, 21611})  # too many requests; the sender's queue is full
PAGE = 1000  # the most texts that one page of Twilio's list holds
LONGEST_LIST = 3 * PAGE
TRIAL_PREFIX = "Sent from your Twilio trial account - "  # put before every text of such an account
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
        with _only_delivery_errors():
            message = _client().messages.create(
                to=call.to,
                from_=call.sender.address,
                body=call.body,
                status_callback=call.status_callback,
                **options,
            )
        return Answer(status=201, provider_id=message.sid or "")

    def find(
        self, *, to: str, sender: str, digest: str, since: dt.datetime, until: dt.datetime
    ) -> list[str]:
        """The sids of the texts in Twilio's list that may be this one, the oldest first.

        The list holds none of our ids: both numbers, the exact words and the time must fit. It is
        not narrowed by ``DateSent``, a date that a text in Twilio's queue does not have yet.

        Args:
            digest: SHA-256 of the words in UTF-8, in hex.
            since, until: when Twilio may have created it.

        Raises:
            DeliveryError: the list could not be read, or not to its end, or its words are hidden.
                Then it says nothing: a text that was not seen may be there.
        """
        with _only_delivery_errors():
            listed = _client().messages.list(
                to=to, from_=sender, page_size=PAGE, limit=LONGEST_LIST + 1
            )
            near = [text for text in listed if since <= text.date_created <= until]
            near.sort(key=lambda text: (text.date_created, text.sid))
            if len(listed) > LONGEST_LIST:
                raise _says_nothing("The list is longer than we read.", code="list_too_long")
            if not all(text.body and text.sid for text in near):
                raise _says_nothing("The list does not show the words.", code="words_hidden")
            return [text.sid for text in near if digest in _digests(text.body)]


def digest_of(body: str) -> str:
    """What the ledger keeps of a text instead of its words: SHA-256 in hex."""
    return hashlib.sha256(body.encode()).hexdigest()


def _digests(body: str) -> set[str]:
    return {digest_of(body), digest_of(body.removeprefix(TRIAL_PREFIX))}


def _client() -> Client:
    key = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    if getattr(_local, "key", None) != key:
        _local.client = Client(*key, http_client=_Http())
        _local.key = key
    return _local.client


@contextmanager
def _only_delivery_errors() -> Iterator[None]:
    """Let nothing else leave this channel, whatever Twilio or the network do."""
    try:
        yield
    except TwilioRestException as error:
        raise _failure(error) from error
    except requests.RequestException as error:
        raise connection_failure(error) from error
    except (TwilioException, ValueError, KeyError, TypeError, AttributeError) as error:
        # An answer that cannot be read may still be an acceptance.
        raise DeliveryError(str(error)[:300], failure=Failure.UNKNOWN, code="unreadable") from error


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


def _says_nothing(message: str, *, code: str) -> DeliveryError:
    return DeliveryError(message, failure=Failure.UNKNOWN, code=code)
