"""Writing an execution's audience into responses and the ledger, in chunks that may be repeated.

Which customers are missing is asked of the database, never remembered: killed anywhere and run
again, nobody is written twice and nobody is left out.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from barbershop import statistics
from barbershop.any_of import AnyOf
from barbershop.bulk_insert import bulk_insert
from campaigns import audience, content, offers, variations
from campaigns.experiments import Arm, assign
from campaigns.models import (
    CampaignDefinition,
    CampaignExecution,
    CampaignResponse,
    CampaignVariant,
)
from communications import compliance, outbox
from communications.compliance import Terms, Verdict
from communications.models import CustomerCommunication, Dispatch, MessageContent
from customers.channels import Topic
from customers.criteria import CriteriaError
from customers.models import Customer

logger = logging.getLogger(__name__)

# Customers per transaction: SQLite has one writer, and a page must not wait for it for long.
CHUNK = 2_000
ASKED_AT_ONCE = 20_000
POLICY = CampaignDefinition.Policy


@dataclass(frozen=True)
class _Plan:
    """All that is the same for everybody in one execution."""

    execution: CampaignExecution
    channels: tuple[str, ...]
    variants: list[CampaignVariant]
    content_ids: dict[tuple[str, str, str], int]
    values: dict[str, str]
    personal_fields: frozenset[str]

    @property
    def first_only(self) -> bool:
        return self.execution.definition.channel_policy == POLICY.FIRST_AVAILABLE

    def content_id(self, label: str, variation: str, channel: str) -> int:
        """A variation that says nothing on a channel leaves its arm's own words there."""
        found = self.content_ids.get((label, variation, channel))
        return found or self.content_ids[label, "", channel]


def run(execution_id: int, *, now: dt.datetime | None = None) -> int:
    """Write whoever is missing, then let the dispatch run. Harmless to repeat.

    Returns:
        How many customers were written by this call.
    """
    execution = CampaignExecution.objects.select_related(
        "definition__shop", "definition__offer__service", "definition__offer__shop", "dispatch"
    ).get(pk=execution_id)
    try:
        return _write_all(_plan(execution), now=now)
    except CriteriaError as error:
        _fail(execution, f"The criteria cannot be used: {error}", now=now)
        return 0


def run_waiting(*, now: dt.datetime | None = None) -> int:
    """Go on with every execution whose audience is not complete; returns customers written."""
    waiting = CampaignExecution.objects.filter(
        audience_complete_at=None, dispatch__state__in=outbox.PREPARABLE
    )
    written = 0
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        try:
            written += run(pk, now=now)
        except Exception:  # one that cannot be written must not hold up everybody else's
            logger.exception("Execution %s could not be prepared; it is tried again", pk)
    return written


def _fail(execution, reason: str, *, now) -> None:
    with transaction.atomic():
        if not outbox.fail(execution.dispatch, now=now):
            return  # cancelled in this very moment
        execution.failure = reason[:300]
        execution.save(update_fields=["failure"])
    logger.warning("Execution %s failed: %s", execution.pk, reason)


def _plan(execution) -> _Plan:
    definition = execution.definition
    contents = list(MessageContent.objects.filter(dispatch=execution.dispatch_id))
    texts = [text for each in contents for text in (each.subject, each.text, each.html)]
    return _Plan(
        execution=execution,
        channels=content.CHANNELS_OF_TYPE[definition.campaign_type],
        variants=list(definition.variants.order_by("label")),
        content_ids={
            (each.variant_label, each.variation, each.channel): each.pk for each in contents
        },
        values=offers.values_of(definition, now=execution.started_at),
        personal_fields=offers.PERSONAL_FIELDS & frozenset().union(*map(content.fields_in, texts)),
    )


def _write_all(plan: _Plan, *, now) -> int:
    written, after, refreshed = 0, 0, 0
    # ``after`` only spares the database a second look within this call.
    while ids := _missing(plan.execution, after=after):
        after = ids[-1]
        for start in range(0, len(ids), CHUNK):
            with transaction.atomic():
                if not _takes_more(plan.execution):
                    return written
                chunk = _not_yet_written(plan.execution, ids[start : start + CHUNK])
                _write(plan, chunk, now=now)
            written += len(chunk)
        if written >= max(2 * refreshed, ASKED_AT_ONCE):
            statistics.refresh(CampaignResponse, CustomerCommunication)
            refreshed = written
    with transaction.atomic():
        if _takes_more(plan.execution):
            _complete(plan.execution, now=now)
    return written


def _takes_more(execution) -> bool:
    """Lock the dispatch for this chunk: a cancel or a second materialiser waits for its end.

    A paused one is still completed, so that it can go on at once when it is resumed. That of a
    suspended shop waits: whoever is written now would be blocked for that alone.
    """
    held = Dispatch.objects.select_related("shop").select_for_update(of=("self",))
    held = held.get(pk=execution.dispatch_id)
    if held.shop.suspended_at:
        return False
    return held.prepared_at is None and held.state in outbox.PREPARABLE


def _missing(execution, *, after: int) -> list[int]:
    """The next customers without a response: the criteria are asked once for many chunks."""
    present = CampaignResponse.objects.filter(execution=execution, customer=OuterRef("pk"))
    people = audience.select(execution.definition, now=execution.started_at)
    people = people.filter(~Exists(present), pk__gt=after).order_by("pk")
    return list(people.values_list("pk", flat=True)[:ASKED_AT_ONCE])


def _not_yet_written(execution, ids: list[int]) -> list[int]:
    """Of ids in order. Asked under the lock: another materialiser may have been here since."""
    present = CampaignResponse.objects.filter(
        execution=execution, customer__gte=ids[0], customer__lte=ids[-1]
    )
    written = set(present.order_by().values_list("customer", flat=True))
    return [pk for pk in ids if pk not in written]


def _complete(execution, *, now) -> None:
    now = now or timezone.now()
    CampaignExecution.objects.filter(pk=execution.pk, audience_complete_at=None).update(
        audience_complete_at=now
    )
    outbox.run(execution.dispatch, now=now)


def _write(plan: _Plan, ids: list[int], *, now) -> None:
    now = now or timezone.now()
    arms = assign(definition=plan.execution.definition, variants=plan.variants, customer_ids=ids)
    bulk_insert(
        CampaignResponse,
        fields=("customer", "variant", "is_holdout"),
        rows=(
            (customer_id, arm.variant and arm.variant.pk, arm.is_holdout)
            for customer_id, arm in arms.items()
        ),
        same={"shop": plan.execution.shop_id, "execution": plan.execution.pk},
    )
    messaged = {pk: arm for pk, arm in arms.items() if not arm.is_holdout}
    outbox.queue(
        dispatch=plan.execution.dispatch,
        recipients=_recipients(plan, messaged, now=now),
        topic=Topic.MARKETING,
        now=now,
    )


def _recipients(plan: _Plan, arms: dict[int, Arm], *, now: dt.datetime):
    """One row per person and channel that he is considered on; see ``rows_of``."""
    shop, began = plan.execution.definition.shop, plan.execution.started_at
    other = variations.of_arms(arms, shop=shop, now=began)
    issued = _issued(plan, list(arms), now=now)
    for customer_id, verdicts in _considered(plan, list(arms), now=now):
        label, variation = arms[customer_id].variant.label, other.get(customer_id, "")
        own = issued.get(customer_id)
        values = plan.values | own if own else plan.values
        for channel, verdict in rows_of(verdicts, first_only=plan.first_only):
            yield outbox.Recipient(
                customer_id=customer_id,
                channel=channel,
                address=verdict.address,
                address_hmac=verdict.address_hmac,
                content_id=plan.content_id(label, variation, channel),
                values=values,
                blocked=verdict.refusal,
                not_before=verdict.not_before,
            )


def _issued(plan: _Plan, ids: list[int], *, now: dt.datetime) -> dict[int, dict[str, str]]:
    """Codes and links of each person's own, where the words ask for them."""
    if not ids or not plan.personal_fields:
        return {}
    return offers.issue(plan.execution, ids, plan.personal_fields, now=now)


def rows_of(verdicts: dict[str, Verdict], *, first_only: bool) -> list[tuple[str, Verdict]]:
    """The channels on which somebody has a row: with first_available the first that may be used.

    Whoever may be reached on no channel has a row on each, with its reason.
    """
    rows = list(verdicts.items())
    usable = [row for row in rows if not row[1].refusal]
    return usable[:1] if first_only and usable else rows


def _considered(plan: _Plan, ids: list[int], *, now: dt.datetime):
    """``(customer, {channel: verdict})`` for one chunk."""
    if not ids:
        return ()
    shop = plan.execution.definition.shop
    return compliance.consider(
        # The range is for the database: without it, it may read the whole shop for every chunk.
        Customer.objects.for_shop(shop).filter(AnyOf("pk", ids), pk__range=(ids[0], ids[-1])),
        shop=shop,
        channels=plan.channels,
        topic=Topic.MARKETING,
        terms=Terms.of(plan.execution.dispatch),
        now=now,
        are_together=not plan.first_only,
    )
