"""The border to the providers: one narrow call, one exception type."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

UNSENDABLE = "unsendable"  # the code of a call that we ourselves could not put together


class Failure(enum.Enum):
    """What is certain after a call that was not accepted."""

    NOT_SENT = "not_sent"  # no byte of it was taken: it may go again
    REJECTED = "rejected"  # refused for what it says, or for a recipient
    REFUSED_US = "refused_us"  # our credentials: nobody's message is at fault
    TOO_LARGE = "too_large"  # may go in smaller pieces
    UNKNOWN = "unknown"  # may have been taken: never repeated blindly


class DeliveryError(Exception):
    """The only exception that leaves a channel.

    Attributes:
        failure: what is certain.
        code: the provider's code, or our word for the failure.
        status: HTTP status, when there was an answer.
        index: of the recipient at fault, when the provider named one.
        retry_after: seconds the provider asks us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        failure: Failure,
        code: str = "",
        status: int | None = None,
        index: int | None = None,
        retry_after: float | None = None,
    ):
        super().__init__(message)
        self.failure = failure
        self.code = code or failure.value
        self.status = status
        self.index = index
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """The provider took the call."""

    status: int
    provider_id: str = ""


@dataclass(frozen=True)
class Sender:
    address: str
    name: str = ""


@dataclass(frozen=True)
class EmailCall:
    """One body, many recipients. ``personalizations`` are SendGrid's, complete per recipient."""

    sender: Sender
    subject: str
    text: str
    html: str
    personalizations: Sequence[dict]


@dataclass(frozen=True)
class SmsCall:
    sender: Sender
    to: str
    body: str
    status_callback: str
    validity_seconds: int | None = None


class Channel(Protocol):
    def send(self, call) -> Answer:
        """Make one provider call, once. No database, no retry.

        Raises:
            DeliveryError: and nothing else.
        """
