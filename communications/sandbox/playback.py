"""Plays the providers' webhooks back for every message that was accepted."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from .behaviour import Beat, email_story, in_another_order, text_story
from .faults import Faults
from .messages import Email, Message, Text
from .options import SandboxOptions
from .schedule import Schedule
from .webhook_bodies import email_event, status_form
from .webhook_post import Outgoing, WebhookPosts

TIMEOUT = (5, 15)
EARLY_BEATS = 2
# SendGrid's batches stay small; receivers limit what they read.
BATCH = 500


@dataclass(slots=True)
class _Telling:
    """A message whose story is being told; one heap entry whatever its length."""

    message: Message
    beats: list[Beat]
    began: float
    doubled: bool
    quiet: bool
    next: int = 0


class Playback:
    """Tells the stories. `hear` is called with a text and a reply when a person answers."""

    def __init__(self, *, options: SandboxOptions, faults: Faults, posts: WebhookPosts, hear):
        self._options = options
        self._faults = faults
        self._posts = posts
        self._hear = hear
        self._random = random.Random(options.seed)
        self._threads = threading.local()
        self._counting = threading.Lock()
        self.counts: Counter[str] = Counter()
        window = min(0.2, options.speed / 50)
        self.schedule = Schedule(self._sweep, workers=options.workers, window=window)

    def tell_early(self, messages: list[Message]) -> list[_Telling]:
        """Begin the stories, and under `events_early` tell their beginnings at once.

        They count as open from here, so that `settle` waits for them.
        """
        early = self._faults.happens("events_early")
        tellings = [telling for message in messages if (telling := self._telling(message))]
        self.schedule.expect(len(tellings))
        if early:
            loud = [telling for telling in tellings if not telling.quiet]
            self._tell_beginnings(loud)
        return tellings

    def go_on(self, tellings: list[_Telling]) -> None:
        """Play the rest of the stories in their time."""
        for telling in tellings:
            self._reschedule(telling)

    def post(self, outgoing: Outgoing) -> None:
        """Send one webhook as soon as may be, with the usual retries."""
        self.schedule.push(outgoing)

    def tell(self, message: Message, event: str, fields: dict) -> bool:
        """Make one event happen to a message now; return whether anybody can be told."""
        telling = _Telling(message, [Beat(0, event, fields)], time.time(), False, False)
        outgoing = self._outgoing(telling, telling.beats[0])
        if outgoing is not None:
            self.post(outgoing)
        return outgoing is not None

    def _telling(self, message: Message) -> _Telling | None:
        if self.schedule.open >= self._options.max_playing:
            self._count("unplayed")
            return None
        quiet = not self._options.events or self._faults.happens("events_none")
        # Without anyone to tell, a mail has no further life; a text still gets a status.
        if isinstance(message, Email) and (quiet or not self._options.webhook_base):
            return None
        story = email_story if isinstance(message, Email) else text_story
        beats = story(message, seed=self._options.seed, outcomes=self._options.outcomes)
        if self._faults.happens("events_shuffled"):
            beats = in_another_order(beats, random=self._random)
        doubled = self._faults.happens("events_duplicated")
        return _Telling(message, beats, time.time(), doubled, quiet)

    def _delay(self, telling: _Telling) -> float:
        due = telling.began + telling.beats[telling.next].arrives * self._options.speed
        return max(due - time.time(), 0)

    def _sweep(self, due: list) -> None:
        """Hand what is due to the workers: events of mails in one batch, all else singly."""
        events = []
        # The batch is open before the stories in it are done, or `settle` would not wait for it.
        self.schedule.expect(1)
        for item in due:
            if isinstance(item, Outgoing):
                self.schedule.hand_over(lambda item=item: self._send(item))
            elif isinstance(item.message, Text):
                self.schedule.hand_over(lambda item=item: self._step_text(item))
            else:
                events += self._step_email(item)
        for outgoing in self._batches(events):
            self.schedule.expect(1)
            self.schedule.hand_over(lambda outgoing=outgoing: self._send(outgoing))
        self.schedule.done()

    def _batches(self, events: list[dict]) -> list[Outgoing]:
        if not events:
            return []
        self._count("events", len(events))
        return [
            self._posts.events(events[start : start + BATCH])
            for start in range(0, len(events), BATCH)
        ]

    def _step_email(self, telling: _Telling) -> list[dict]:
        """Return the events of a mail's next beat, and put the one after it in the heap."""
        beat = self._advance(telling)
        event = self._visit_or_event(telling, beat)
        self._reschedule(telling)
        if event is None:
            return []
        if telling.doubled and self._random.random() < 0.5:
            self.schedule.push(self._posts.events([event]), delay=self._options.speed * 0.05)
            return [event]
        return [event, event] if telling.doubled else [event]

    def _visit_or_event(self, telling: _Telling, beat: Beat) -> dict | None:
        """With `follow_links` people act on the application's own pages, not through events."""
        email, visit = telling.message, None
        if self._options.follow_links and beat.event == "click" and "/c/" in email.link:
            visit = self._posts.visit(email.link)
        if self._options.follow_links and beat.event == "unsubscribe" and email.unsubscribe_link:
            visit = self._posts.one_click_unsubscribe(email.unsubscribe_link)
        if visit is not None:
            self._count("visits")
            self.post(visit)
            return None
        return self._event(telling, beat)

    def _event(self, telling: _Telling, beat: Beat) -> dict:
        at = telling.began + beat.at * self._options.speed
        return email_event(telling.message, beat.event, at=at, fields=beat.fields)

    def _step_text(self, telling: _Telling) -> None:
        """Tell a text's next beat, and only when it has arrived (or failed) go on."""
        beat = self._advance(telling)
        outgoing = self._outgoing(telling, beat)
        if outgoing is not None and not telling.quiet:
            self._count("events")
            if telling.doubled:
                self.schedule.push(outgoing, delay=self._options.speed * 0.05)
            self._send_first(outgoing)
        self._reschedule(telling)

    def _outgoing(self, telling: _Telling, beat: Beat) -> Outgoing | None:
        message = telling.message
        if isinstance(message, Email):
            if not self._options.webhook_base:
                return None
            return self._posts.events([self._event(telling, beat)])
        if beat.event == "inbound":
            if telling.quiet or not self._options.webhook_base:
                return None
            return self._hear(message, beat.fields["body"])
        _update(message, beat)
        return self._posts.status(message.status_callback, status_form(message, beat.event))

    def _tell_beginnings(self, tellings: list[_Telling]) -> None:
        events = []
        for telling in tellings:
            for _ in range(min(EARLY_BEATS, len(telling.beats))):
                beat = self._advance(telling)
                if isinstance(telling.message, Email):
                    events.append(self._event(telling, beat))
                elif outgoing := self._outgoing(telling, beat):
                    self._count("events")
                    self._send_first(outgoing)
        for outgoing in self._batches(events):
            self._send_first(outgoing)

    @staticmethod
    def _advance(telling: _Telling) -> Beat:
        telling.next += 1
        return telling.beats[telling.next - 1]

    def _reschedule(self, telling: _Telling) -> None:
        if telling.next < len(telling.beats):
            self.schedule.push(telling, delay=self._delay(telling), again=True)
        else:
            self.schedule.done()

    def _send_first(self, outgoing: Outgoing) -> None:
        """Send in this thread; what fails goes to the heap."""
        if not self._sent(outgoing):
            self._retry(outgoing, again=False)

    def _send(self, outgoing: Outgoing) -> None:
        if self._sent(outgoing):
            self.schedule.done()
        else:
            self._retry(outgoing, again=True)

    def _retry(self, outgoing: Outgoing, *, again: bool) -> None:
        """Try later, at growing distances; give up after the last try."""
        if outgoing.retried and outgoing.tries < self._options.webhook_tries:
            self._count("retried")
            delay = self._options.webhook_backoff * 2 ** (outgoing.tries - 1)
            self.schedule.push(outgoing, delay=delay, again=again)
            return
        self._count("given_up")
        if again:
            self.schedule.done()

    def _sent(self, outgoing: Outgoing) -> bool:
        """Make the request; a redirect is an answer, and is not followed off the machine."""
        outgoing.tries += 1
        try:
            response = self._session().request(
                outgoing.method,
                outgoing.url,
                data=outgoing.body or None,
                headers=outgoing.headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException:
            self._count("unreachable")
            return False
        self._count(f"answered_{response.status_code}")
        return 200 <= response.status_code < (400 if outgoing.method == "GET" else 300)

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
            self._threads.session.trust_env = False  # a proxy must not see loopback traffic
        return self._threads.session

    def _count(self, name: str, number: int = 1) -> None:
        with self._counting:
            self.counts[name] += number


# As far as a status has got; a late "sent" does not undo "delivered".
_RANK = {"queued": 0, "sending": 1, "sent": 2, "undelivered": 3, "failed": 3, "delivered": 3}


def _update(text: Text, beat: Beat) -> None:
    """Bring the Message resource up to a beat of its story."""
    now = datetime.now(UTC)
    if _RANK.get(beat.event, 0) < _RANK.get(text.status, 0):
        return
    text.status, text.updated_at = beat.event, now
    text.error_code = beat.fields.get("error_code", text.error_code)
    text.error_message = beat.fields.get("error_message", text.error_message)
    if beat.event in {"sent", "delivered", "undelivered"}:
        text.sent_at = text.sent_at or now
