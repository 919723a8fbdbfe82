"""The provider as it truly is: what it accepted, whatever it answered."""

import datetime as dt
import enum
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from communications.channels import Answer, DeliveryError, EmailCall, Failure, SmsCall
from communications.channels.sms import digest_of
from communications.delivery.inflight import STALLED
from communications.models import DeliveryAttempt


class Fate(enum.Enum):
    """What the provider makes of one call."""

    ACCEPTS = "accepts"
    ACCEPTS_AND_FAILS = "500 after accepting"
    FAILS = "500 before accepting"
    UNREACHABLE = "no connection"
    BUSY = "429 with Retry-After"
    NAMES_ONE = "400 that names one recipient"
    NAMES_NOBODY = "400 that names nobody"
    TOO_LARGE = "413"
    STOPPED = "21610, the receiver has said STOP"
    REFUSES_US = "401"


ACCEPTING = frozenset({Fate.ACCEPTS, Fate.ACCEPTS_AND_FAILS})


@dataclass(frozen=True)
class Letter:
    """One message of one call: its UUID and where it goes."""

    communication: UUID
    address: str


def letters(call: EmailCall | SmsCall) -> list[Letter]:
    if isinstance(call, SmsCall):
        query = parse_qs(urlsplit(call.status_callback).query)
        return [Letter(UUID(query["communication"][0]), call.to)]
    return [
        Letter(UUID(one["custom_args"]["communication"]), one["to"][0]["email"])
        for one in call.personalizations
    ]


@dataclass
class Flight:
    """A call that was committed as begun, in the hands of a worker."""

    attempt: DeliveryAttempt
    call: EmailCall | SmsCall
    begun_at: dt.datetime
    outcome: Answer | DeliveryError | None = None

    def stall(self) -> None:
        """Its worker stood still and must not begin it any more."""
        self.outcome = DeliveryError("Too late", failure=Failure.NOT_SENT, code=STALLED)


@dataclass
class Accepted:
    """A call that the provider has."""

    attempt: UUID
    call: EmailCall | SmsCall
    at: dt.datetime
    sid: str
    letters: list[Letter]


@dataclass
class Provider:
    """Takes calls with a fate, and keeps the truth."""

    called: Counter[UUID] = field(default_factory=Counter)
    accepted: list[Accepted] = field(default_factory=list)
    hides_its_list: bool = False

    def take(self, flight: Flight, fate: Fate, *, index: int, now: dt.datetime) -> None:
        """Let one call come to its fate; the worker has the answer in ``flight.outcome``."""
        self.called[flight.attempt.uuid] += 1
        assert self.called[flight.attempt.uuid] == 1, "one call is made at an attempt"
        there = letters(flight.call)
        sid = f"SM{len(self.accepted):032x}"
        if fate in ACCEPTING:
            attempt = flight.attempt.uuid
            self.accepted.append(Accepted(attempt, flight.call, now, sid, there))
        is_sms = isinstance(flight.call, SmsCall)
        flight.outcome = ANSWERS[fate](sid, index % len(there), is_sms)

    def times(self) -> Counter[UUID]:
        """How often each message was accepted."""
        return Counter(letter.communication for a in self.accepted for letter in a.letters)

    def calls(self) -> set[UUID]:
        return {accepted.attempt for accepted in self.accepted}

    def find(
        self, *, to: str, sender: str, digest: str, since: dt.datetime, until: dt.datetime
    ) -> list[str]:
        """Twilio's list, as ``SmsChannel.find`` reads it."""
        if self.hides_its_list:
            raise DeliveryError("Internal error", failure=Failure.UNKNOWN, status=500)
        return [
            accepted.sid
            for accepted in self.accepted
            if isinstance(accepted.call, SmsCall)
            and (accepted.call.to, accepted.call.sender.address) == (to, sender)
            and digest_of(accepted.call.body) == digest
            and since <= accepted.at <= until
        ]


def _accepts(sid: str, index: int, is_sms: bool) -> Answer:
    return Answer(status=201 if is_sms else 202, provider_id=sid)


def _fails(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError("Internal error", failure=Failure.UNKNOWN, status=500)


def _unreachable(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError("Refused", failure=Failure.NOT_SENT, code="unreachable")


def _busy(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError(
        "Too many requests",
        failure=Failure.NOT_SENT,
        code="20429" if is_sms else "",
        status=429,
        retry_after=7.0,
    )


def _names_one(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError(
        "Bad address",
        failure=Failure.REJECTED,
        code="21211" if is_sms else "",
        status=400,
        index=None if is_sms else index,
    )


def _names_nobody(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError(
        "Bad request", failure=Failure.REJECTED, code="21408" if is_sms else "", status=400
    )


def _too_large(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError("Too large", failure=Failure.TOO_LARGE, status=413)


def _stopped(sid: str, index: int, is_sms: bool) -> DeliveryError:
    if not is_sms:
        return _names_one(sid, index, is_sms)
    return DeliveryError("Unsubscribed", failure=Failure.REJECTED, code="21610", status=400)


def _refuses_us(sid: str, index: int, is_sms: bool) -> DeliveryError:
    return DeliveryError("Unauthorized", failure=Failure.REFUSED_US, status=401)


ANSWERS: dict[Fate, Callable[[str, int, bool], Answer | DeliveryError]] = {
    Fate.ACCEPTS: _accepts,
    Fate.ACCEPTS_AND_FAILS: _fails,
    Fate.FAILS: _fails,
    Fate.UNREACHABLE: _unreachable,
    Fate.BUSY: _busy,
    Fate.NAMES_ONE: _names_one,
    Fate.NAMES_NOBODY: _names_nobody,
    Fate.TOO_LARGE: _too_large,
    Fate.STOPPED: _stopped,
    Fate.REFUSES_US: _refuses_us,
}
