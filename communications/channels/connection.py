"""What a broken connection proves about the request that used it."""

import math
import ssl

import requests
from urllib3.exceptions import (
    MaxRetryError,
    NewConnectionError,
)

from communications.channels.base import DeliveryError, Failure

LONGEST_WAIT = 3600.0  # seconds
_BEFORE_THE_FIRST_BYTE = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
)


def connection_failure(error: requests.RequestException) -> DeliveryError:
    """No connection: not sent. Anything after the first byte may have been taken."""
    safe = isinstance(error, _BEFORE_THE_FIRST_BYTE) or _never_connected(error)
    return DeliveryError(
        f"{type(error).__name__}: the provider could not be reached."
        if safe
        else f"{type(error).__name__}: the connection broke after the request began.",
        failure=Failure.NOT_SENT if safe else Failure.UNKNOWN,
        code="unreachable" if safe else "connection_lost",
    )


def _never_connected(error: BaseException) -> bool:
    """No connection, or one to a stranger. Other TLS faults may come after the request."""
    seen: list[BaseException] = [error]
    for item in seen:
        if isinstance(item, NewConnectionError | ssl.SSLCertVerificationError):
            return True
        reasons = [*item.args, item.__cause__, item.__context__]
        if isinstance(item, MaxRetryError):
            reasons.append(item.reason)
        seen += [r for r in reasons if isinstance(r, BaseException) and r not in seen]
    return False


def answer_failure(*, status: int, message: str, code: str = "", retry_after=None) -> DeliveryError:
    """What an HTTP status other than 2xx says, when nothing more is known."""
    failure = Failure.REJECTED
    if status in {401, 403}:
        failure = Failure.REFUSED_US
    elif status == 429:
        failure = Failure.NOT_SENT
    elif status == 413:
        failure = Failure.TOO_LARGE
    elif status >= 500 or status < 400:
        failure = Failure.UNKNOWN
    return DeliveryError(
        message, failure=failure, code=code, status=status, retry_after=retry_after
    )


def seconds(header: str | None) -> float | None:
    """What ``Retry-After`` asks for; None for what is no number of seconds.

    At most ``LONGEST_WAIT``: an absurd figure must not end sending for good.
    """
    try:
        asked = float(header or "")
    except ValueError:
        return None
    return None if math.isnan(asked) else min(max(0.0, asked), LONGEST_WAIT)
