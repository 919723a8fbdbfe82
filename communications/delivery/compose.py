"""From the members of calls to what the provider is told."""

import datetime as dt
import hashlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.conf import settings

from communications import accounts, pricing, recipient_rows, rendering, sms_segments
from communications.channels import EmailCall, Sender, SmsCall
from communications.compiled import Compiled
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from communications.pricing import PriceList
from communications.rendering import Prepared
from customers.channels import Channel

logger = logging.getLogger(__name__)

COLUMNS = (
    "pk",
    "attempt_id",
    "content_id",
    "uuid",
    "address",
    "values",
    "customer_id",
    "cost_micros",
)
Row = Mapping[str, Any]
MOST_BYTES = 10_000  # of one recipient's substitutions, in SendGrid's API


@dataclass(frozen=True)
class Draft:
    """One call as it would go out, and whom it is for.

    Attributes:
        ids: the messages in it, in the order in which the provider counts them.
        costs: by message, in millionths of the shop's currency unit.
        parts: of a text; 0 for an email.
    """

    attempt: DeliveryAttempt
    call: EmailCall | SmsCall
    ids: list[int]
    costs: dict[int, int]
    parts: int = 0

    @property
    def body_digest(self) -> str:
        """Of a text, by which it is found in the provider's list."""
        if not isinstance(self.call, SmsCall):
            return ""
        return hashlib.sha256(self.call.body.encode()).hexdigest()

    def without(self, unwanted: Collection[int]) -> "Draft | None":
        """The same call for fewer people; None when nobody is left."""
        if unwanted.isdisjoint(self.ids):
            return self
        ids = [pk for pk in self.ids if pk not in unwanted]
        if not ids:
            return None
        people = zip(self.ids, self.call.personalizations, strict=True)
        left = [one for pk, one in people if pk not in unwanted]
        return replace(self, ids=ids, call=replace(self.call, personalizations=left))


def drafts(
    attempts: Collection[DeliveryAttempt],
    *,
    dispatch: Dispatch,
    contents: Collection[int],
    without: Collection[int],
    now: dt.datetime,
) -> tuple[list[Draft], list[int]]:
    """The calls of one dispatch and channel, for whoever is in them and may be written to.

    Args:
        contents: ids of the contents that the members have.
        without: ids of messages that are not to go.
        now: of the prices, and of what is written about days and free times.

    Returns:
        The calls that have somebody in them, and the ids of messages whose text cannot be made.
    """
    channel = next(iter(attempts)).channel
    prepared = {pk: rendering.prepare(pk, dispatch=dispatch) for pk in contents}
    sender = accounts.sender_for(shop=dispatch.shop, channel=channel)
    if channel == Channel.SMS:
        prices = pricing.price_list(shop=dispatch.shop, channel=channel, on=now.date())
        compose = partial(_text, sender=sender, prices=prices)
    else:
        compose = partial(_mail, sender=sender)
    made, failed = [], []
    members = _members(attempts, prepared.values(), without=without, shop=dispatch.shop, now=now)
    for attempt in attempts:
        if rows := members[attempt.pk]:
            draft, bad = compose(rows, attempt, prepared[rows[0]["content_id"]])
            made += [draft] if draft else []
            failed += bad
    return made, failed


def _members(
    attempts, contents: Collection[Prepared], *, without, shop, now
) -> dict[int, list[Row]]:
    """Who is in each call, with what the texts need, by one query."""
    inside = CustomerCommunication.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
    names = frozenset().union(*(content.names for content in contents))
    members = defaultdict(list)
    rows = recipient_rows.of_messages(
        inside.order_by("pk"), *COLUMNS, names=names, shop=shop, now=now
    )
    for row in rows:
        if row["pk"] not in without:
            members[row["attempt_id"]].append(row)
    return members


def _text(
    rows: list[Row],
    attempt: DeliveryAttempt,
    prepared: Prepared,
    *,
    sender: Sender,
    prices: PriceList,
) -> tuple[Draft | None, list[int]]:
    (row,) = rows
    try:
        body = rendering.render_sms(prepared, row)
    except Exception:
        logger.exception("Text %s could not be rendered", row["pk"])
        return None, [row["pk"]]
    if len(body) > sms_segments.LONGEST:
        return None, [row["pk"]]  # Twilio would refuse it: a long name made it so
    callback = (
        f"{settings.PUBLIC_BASE_URL}/webhooks/twilio/status/"
        f"?communication={row['uuid']}&attempt={attempt.uuid}"
    )
    parts = sms_segments.count(body).segments
    call = SmsCall(sender=sender, to=row["address"], body=body, status_callback=callback)
    cost = {row["pk"]: parts * prices.part(row["address"])}
    return Draft(attempt, call, ids=[row["pk"]], costs=cost, parts=parts), []


def _mail(
    rows: list[Row], attempt: DeliveryAttempt, prepared: Prepared, *, sender: Sender
) -> tuple[Draft | None, list[int]]:
    """The bodies go once, with a key for every slot; each recipient brings his values."""
    personalize = Personalizer(prepared, attempt=attempt)
    made: dict[int, dict] = {}
    failed = []
    for row in rows:
        try:
            made[row["pk"]] = personalize(row)
        except Exception:  # one text must not stop the others
            logger.exception("Email %s could not be rendered", row["pk"])
            failed.append(row["pk"])
    if not made:
        return None, failed
    call = EmailCall(
        sender,
        personalize.body(prepared.subject, "p"),
        personalize.body(prepared.text, "p"),
        personalize.body(prepared.html, "h"),
        list(made.values()),
    )
    costs = {row["pk"]: row["cost_micros"] for row in rows if row["pk"] in made}
    return Draft(attempt, call, ids=list(made), costs=costs), failed


class Personalizer:
    """What differs per recipient of one call.

    The keys are random per call, so no value can contain one and be expanded again. Plain text and
    HTML have a key each: the one takes a value as it is, the other escaped.
    """

    def __init__(self, prepared: Prepared, *, attempt: DeliveryAttempt):
        nonce = secrets.token_hex(4)
        self.prepared = prepared
        self.attempt = str(attempt.uuid)
        self.keys = {
            (kind, slot): f"-{nonce}{kind}{index}-"
            for kind, parts in (
                ("p", (prepared.subject, prepared.text)),
                ("h", (prepared.html,)),
            )
            for index, slot in enumerate(dict.fromkeys(s for part in parts for s in part.slots))
        }
        # No character has more bytes than four.
        self.surely_fits = (MOST_BYTES - sum(map(len, self.keys.values()))) // 4
        # Looked up once here rather than once per recipient.
        self.wanted = [
            (slot, self.keys.get(("p", slot)), self.keys.get(("h", slot)), slot.is_safe)
            for slot in prepared.slots
        ]

    def body(self, compiled: Compiled, kind: str) -> str:
        """A body with its keys in it."""
        return compiled.join([self.keys[kind, slot] for slot in compiled.slots])

    def __call__(self, row: Row) -> dict:
        """SendGrid's personalization of one recipient."""
        unsubscribe = ""
        substitutions = {}
        for slot, plain, html, is_safe in self.wanted:
            value = self.prepared.value(slot, row)
            if plain:
                substitutions[plain] = value
            if html:
                substitutions[html] = value if is_safe else rendering.escaped(value)
            if slot == rendering.UNSUBSCRIBE:
                unsubscribe = value
        self._check_size(substitutions)
        made = {
            "to": [{"email": row["address"]}],
            "substitutions": substitutions,
            "custom_args": {"communication": str(row["uuid"]), "attempt": self.attempt},
        }
        if self.prepared.is_marketing:
            # Signing is dear: the footer's link serves the header too, where the text has one.
            unsubscribe = unsubscribe or rendering.unsubscribe_url(row["uuid"])
            made["headers"] = rendering.list_unsubscribe(unsubscribe)
        return made

    def _check_size(self, substitutions: Mapping[str, str]) -> None:
        """Refuse what the provider would refuse, and with it everybody else in the call.

        Raises:
            ValueError: when they have more bytes than SendGrid takes for one recipient.
        """
        if sum(map(len, substitutions.values())) < self.surely_fits:
            return
        texts = (*substitutions, *substitutions.values())
        size = sum(len(text.encode(errors="replace")) for text in texts)
        if size >= MOST_BYTES:
            raise ValueError(f"What differs for this recipient has {size:,} bytes")
