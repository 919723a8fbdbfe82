"""A person lets a quarantined event be folded again, once what stood in its way is mended."""

import datetime as dt
import logging
from functools import partial

from django.db import transaction
from django.utils import timezone

from barbershop import audit
from communications.events import folding
from communications.models import ProviderEvent

logger = logging.getLogger(__name__)


class NotInQuarantine(Exception):
    """It never was, somebody was faster, or it has been folded."""


def replay(event: ProviderEvent, *, by, now: dt.datetime | None = None) -> bool:
    """Fold a quarantined event at once, with all its tries before it.

    Returns:
        Whether it is folded now. If not, it waits for its next try like any other event, and is
        quarantined again after the last.

    Raises:
        NotInQuarantine: there is nothing to replay; nothing was done.
    """
    now = now or timezone.now()
    with transaction.atomic():
        held = ProviderEvent.objects.select_for_update().filter(
            pk=event.pk, quarantined_at__isnull=False, folded_at=None
        )
        found = held.first()
        if found is None:
            raise NotInQuarantine("It is not in quarantine.")
        found.tries, found.quarantined_at = 0, None
        found.save(update_fields=["tries", "quarantined_at"])
        touched = folding.fold_or_halve([found], now=now)
        if touched:
            transaction.on_commit(partial(folding.announce, sorted(touched), now=now))
        event.refresh_from_db()
        is_folded = event.folded_at is not None
        _keep_record(event, by=by, is_folded=is_folded, now=now)
    return is_folded


def _keep_record(event: ProviderEvent, *, by, is_folded: bool, now: dt.datetime) -> None:
    if event.shop is None:  # the audit log is a shop's
        logger.info("User %s replayed event %s of no shop.", getattr(by, "pk", None), event.pk)
        return
    audit.record(
        shop=event.shop,
        action="provider_event.replay",
        by=by,
        target=event,
        after={"provider": event.provider, "kind": event.kind, "folded": is_folded},
        now=now,
    )
