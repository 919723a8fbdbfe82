"""Storing an answer so that a STOP holds when the provider is told that we have it."""

import logging

from django.db import DatabaseError, transaction
from django.utils import timezone

from communications import events, inbound
from communications.models import ProviderEvent
from communications.webhooks.hint import ask_to_fold

logger = logging.getLogger(__name__)


def store(provider: str, reported: events.Reported) -> None:
    """Put one answer into the inbox, and suppress at once what it stops (docs/adr/0009)."""
    with transaction.atomic():
        known = ProviderEvent.objects.filter(provider=provider, event_key=reported.key)
        # Told again, it says nothing new: what was lifted meanwhile stays lifted.
        is_new = not known.exists()
        events.record(provider, [reported], now=timezone.now())
        # Most answers stop nothing, and cost no more than their row.
        if is_new and inbound.may_stop(provider, reported.payload):
            _take_effect(provider, reported)
        transaction.on_commit(ask_to_fold)


def _take_effect(provider: str, reported: events.Reported) -> None:
    try:
        with transaction.atomic():
            inbound.take_effect_at_once(provider, reported.payload)
    except DatabaseError:
        # The answer is kept in any case, and the fold will say the same in a few seconds.
        logger.exception("An answer took no effect at once")
