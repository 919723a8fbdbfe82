"""The texts Twilio has accepted, and who has opted out of them."""

import threading
from collections import defaultdict
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from itertools import islice

from communications.published_prices import MICROS_PER_DOLLAR

from .messages import Text

# https://help.twilio.com/articles/223134027: the words Twilio acts on by itself.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})


class TextStore:
    """All texts, found by sid and by recipient. None is forgotten: a sender in doubt asks here."""

    def __init__(self):
        self._lock = threading.Lock()
        self._by_sid: dict[str, Text] = {}
        self._by_recipient: dict[str, list[Text]] = defaultdict(list)
        self._all: list[Text] = []

    def add(self, text: Text) -> None:
        with self._lock:
            self._by_sid[text.sid] = text
            self._by_recipient[text.to].append(text)
            self._all.append(text)

    def get(self, sid: str) -> Text | None:
        return self._by_sid.get(sid)

    def latest(self, *, to: str) -> Text | None:
        """Return the last text sent to a number."""
        with self._lock:
            texts = self._by_recipient.get(to)
            return texts[-1] if texts else None

    def page(self, wanted: dict, *, account: str, size: int, after: str) -> tuple[list[Text], bool]:
        """Return up to `size` texts, newest first, from after the sid `after`; and if it is all.

        Raise ValueError for a date that cannot be read.
        """
        bounds = _bounds(wanted)
        with self._lock:
            texts = list(
                self._by_recipient.get(wanted["To"], ()) if wanted.get("To") else self._all
            )
        texts.reverse()
        if after:
            known = next((n for n, text in enumerate(texts) if text.sid == after), len(texts))
            texts = texts[known + 1 :]
        sender = wanted.get("From")
        fitting = (
            text
            for text in texts
            if text.account_sid == account
            and (not sender or text.sender == sender)
            and all(fits(text) for fits in bounds)
        )
        found = list(islice(fitting, size + 1))
        return found[:size], len(found) <= size


class OptedOut:
    """Who has sent a stop word to which of our numbers."""

    def __init__(self):
        self._pairs: set[tuple[str, str]] = set()

    def includes(self, *, to: str, sender: str) -> bool:
        return (to, sender) in self._pairs

    def hear(self, body: str, *, person: str, number: str) -> str:
        """Act on a stop or start word as Twilio does; return STOP, START or nothing."""
        word = body.strip().upper()
        if word in STOP_WORDS:
            self._pairs.add((person, number))
            return "STOP"
        if word in START_WORDS:
            self._pairs.discard((person, number))
            return "START"
        return ""


def resource(text: Text, *, new: bool = False) -> dict:
    """Return a text as Twilio's JSON. A new one of a messaging service has no sender yet."""
    uri = f"/2010-04-01/Accounts/{text.account_sid}/Messages/{text.sid}"
    unassigned = new and text.messaging_service_sid
    billed = text.sent_at is not None and text.base_micros is not None
    return {
        "account_sid": text.account_sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": format_datetime(text.created_at),
        "date_sent": format_datetime(text.sent_at) if text.sent_at else None,
        "date_updated": format_datetime(text.updated_at or text.created_at),
        "direction": "outbound-api",
        "error_code": text.error_code,
        "error_message": text.error_message,
        "from": None if unassigned else text.sender,
        "messaging_service_sid": text.messaging_service_sid or None,
        "num_media": "0",
        "num_segments": "0" if unassigned else str(text.segments),
        # Carriers' fees are billed apart and are not part of a message's price.
        "price": _dollars(text.base_micros) if billed else None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def _dollars(micros: int) -> str:
    """Twilio shows a charge as a negative amount of five decimals."""
    return f"-{micros / MICROS_PER_DOLLAR:.5f}"


def _bounds(wanted: dict) -> list:
    """Return the tests that the DateSent parameters ask for."""
    tests = []
    for name, value in wanted.items():
        # The parameters are called "DateSent>" and "DateSent<": "DateSent>=..." in an address.
        if not name.startswith("DateSent"):
            continue
        moment = _moment(value)
        if name == "DateSent>":
            tests.append(lambda text, limit=moment: _sent_at(text) >= limit)
        elif name == "DateSent<":
            tests.append(lambda text, limit=moment: _sent_at(text) <= limit)
        elif name == "DateSent":
            tests.append(lambda text, limit=moment: _sent_at(text).date() == limit.date())
    return tests


def _sent_at(text: Text) -> datetime:
    """A text still in the queue counts by its creation: leaving it out would call it lost."""
    return text.sent_at or text.created_at


def _moment(value: str) -> datetime:
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"DateSent {value!r} is no date such as 2026-11-22") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
