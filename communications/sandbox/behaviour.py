"""What each recipient does with a message: invented, but the same on every run.

Whether an address can be reached depends on the seed and the address alone. What a person does
with a mail that arrived depends also on its subject (a text: on its words), so that two versions
of a message have two different sets of readers.
"""

import struct
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from .messages import Email, Text

# Shares of all recipients; for what a person does, of those reached.
DROPPED, BOUNCED, BLOCKED, DEFERRED = 0.01, 0.02, 0.005, 0.02
OPENED, MACHINE_OPENED, CLICKED = 0.45, 0.15, 0.12
UNSUBSCRIBED, COMPLAINED = 0.005, 0.001
UNDELIVERED, FAILED, REPLIED, STOPPED = 0.02, 0.01, 0.03, 0.004

# john+bounce@... forces what happens; several may be joined: john+open+unsub@...
EMAIL_OUTCOMES = frozenset(
    [
        "delivered",
        "drop",
        "bounce",
        "block",
        "defer",
        "open",
        "machine",
        "click",
        "unsub",
        "spam",
        "silent",
    ]
)
TEXT_OUTCOMES = frozenset(["delivered", "undelivered", "failed", "reply", "stop", "silent"])


@dataclass(frozen=True)
class Beat:
    """One thing that happens: at which part of the story (0 to 1) it did, and is told of."""

    at: float
    event: str
    fields: dict = field(default_factory=dict)
    told_at: float = -1.0

    @property
    def arrives(self) -> float:
        return self.at if self.told_at < 0 else self.told_at


def email_story(email: Email, *, seed: int, outcomes: dict[str, str]) -> list[Beat]:
    """Return what happens to one mail, in order."""
    wanted = _forced(email.to, outcomes) or _natural_email_outcomes(email, seed=seed)
    if "silent" in wanted:
        return []
    if "drop" in wanted:
        return [Beat(0.02, "dropped", {"reason": "Bounced Address", "status": "5.0.0"})]
    pace = _draws(seed, "pace", email.to, email.subject)
    arrived = 0.02 + 0.1 * pace[0]
    beats = [Beat(0.01, "processed")]
    if "bounce" in wanted or "block" in wanted:
        return [*beats, Beat(arrived, "bounce", _bounce(hard="bounce" in wanted))]
    if "defer" in wanted:
        beats.append(Beat(arrived, "deferred", {"response": "400 try again later", "attempt": "1"}))
        arrived += 0.1
    beats.append(Beat(arrived, "delivered", {"response": "250 OK"}))
    return beats + _engagement(wanted, arrived=arrived, pace=pace)


def text_story(text: Text, *, seed: int, outcomes: dict[str, str]) -> list[Beat]:
    """Return what happens to one SMS, in order. A reply is the event "inbound"."""
    wanted = _forced(text.to, outcomes) or _natural_text_outcomes(text, seed=seed)
    if "silent" in wanted:
        return []
    pace = _draws(seed, "pace", text.to, text.body)
    beats = [Beat(0.01, "queued")]
    if "failed" in wanted:
        problem = {"error_code": 30008, "error_message": "Unknown error"}
        return [*beats, Beat(0.05, "failed", problem)]
    beats.append(Beat(0.03 + 0.02 * pace[0], "sent"))
    arrived = 0.06 + 0.1 * pace[1]
    if "undelivered" in wanted:
        problem = {"error_code": 30003, "error_message": "Unreachable destination handset"}
        return [*beats, Beat(arrived, "undelivered", problem)]
    beats.append(Beat(arrived, "delivered"))
    if wanted & {"reply", "stop"}:
        body = "STOP" if "stop" in wanted else "Thanks!"
        beats.append(Beat(arrived + 0.05 + 0.7 * pace[2] ** 2, "inbound", {"body": body}))
    return beats


def in_another_order(beats: list[Beat], *, random) -> list[Beat]:
    """Return the beats told in a shuffled order, each still saying when it happened."""
    times = [beat.at for beat in beats]
    random.shuffle(times)
    told = [replace(beat, told_at=time) for beat, time in zip(beats, times, strict=True)]
    return sorted(told, key=lambda beat: beat.told_at)


def _engagement(wanted: set[str], *, arrived: float, pace: tuple[float, ...]) -> list[Beat]:
    beats = []
    if "machine" in wanted:
        beats.append(Beat(arrived + 0.01, "open", {"sg_machine_open": True}))
    # Most people open early, a few late: the square leans towards the beginning.
    opened = arrived + 0.04 + 0.55 * pace[1] ** 2
    if wanted & {"open", "click", "unsub"}:
        beats.append(Beat(opened, "open", {"sg_machine_open": False}))
    if "click" in wanted:
        beats.append(Beat(opened + 0.02 + 0.1 * pace[2], "click"))
    if "unsub" in wanted:
        beats.append(Beat(opened + 0.03 + 0.1 * pace[3], "unsubscribe"))
    if "spam" in wanted:
        beats.append(Beat(opened + 0.15, "spamreport"))
    return sorted(beats, key=lambda beat: beat.at)


def _natural_email_outcomes(email: Email, *, seed: int) -> set[str]:
    reach = _draws(seed, "reach", email.to.lower())
    for share, outcome, draw in (
        (DROPPED, "drop", reach[0]),
        (BOUNCED, "bounce", reach[1]),
        (BLOCKED, "block", reach[2]),
    ):
        if draw < share:
            return {outcome}
    doing = _draws(seed, "does", email.to.lower(), email.subject)
    wanted = {"defer"} if reach[3] < DEFERRED else {"delivered"}
    chances = (
        # One draw for both: whoever clicks has opened.
        (doing[0] < OPENED, "open"),
        (doing[0] < CLICKED, "click"),
        (doing[1] < MACHINE_OPENED, "machine"),
        (doing[2] < UNSUBSCRIBED, "unsub"),
        (doing[3] < COMPLAINED, "spam"),
    )
    return wanted | {outcome for happens, outcome in chances if happens}


def _natural_text_outcomes(text: Text, *, seed: int) -> set[str]:
    reach = _draws(seed, "reach", text.to)
    if reach[0] < FAILED:
        return {"failed"}
    if reach[0] < FAILED + UNDELIVERED:
        return {"undelivered"}
    doing = _draws(seed, "does", text.to, text.body)
    if doing[0] < STOPPED:
        return {"stop"}
    return {"reply"} if doing[0] < REPLIED else {"delivered"}


def _forced(address: str, outcomes: dict[str, str]) -> set[str]:
    if address in outcomes:
        return set(outcomes[address].split("+"))
    return EMAIL_OUTCOMES.intersection(address.partition("@")[0].lower().split("+")[1:])


def _bounce(*, hard: bool) -> dict[str, str]:
    if hard:
        return {
            "bounce_classification": "Invalid Address",
            "reason": "500 unknown recipient",
            "status": "5.0.0",
            "type": "bounce",
        }
    return {
        "bounce_classification": "Reputation",
        "reason": "421 blocked for now",
        "status": "4.2.1",
        "type": "blocked",
    }


def _draws(seed: int, *parts: str) -> tuple[float, ...]:
    """Return four numbers from 0 to 1 that the arguments decide."""
    digest = blake2b("\0".join((str(seed), *parts)).encode(), digest_size=32).digest()
    return tuple(number / 2**64 for number in struct.unpack(">4Q", digest))
