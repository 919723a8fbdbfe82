"""The hint that there is something to fold; beat folds whatever a lost hint leaves."""

import logging
import time

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A hint looks at the inbox a little after it was given, so one stands for all that follow soon.
_DELAY = 2  # seconds
_QUIET = 1.0  # seconds
_last = 0.0


def ask_to_fold() -> None:
    """Publish a hint, at most one a second from each process."""
    from communications.tasks import fold_events

    global _last
    now = time.monotonic()
    if now - _last < _QUIET:
        return
    _last = now
    try:
        fold_events.apply_async(countdown=_DELAY, expires=55, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("No hint to fold events: %s. Beat folds them.", type(error).__name__)
