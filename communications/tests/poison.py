"""A message whose events cannot be folded, until what is wrong is mended."""

from communications import events
from communications.events import folding, quarantine
from communications.models import ProviderEvent
from communications.tests.reports import email_event, fold_email, in_call


class Poison:
    """Lets the fold fail on every event of ``message``, but for which it would succeed."""

    def __init__(self, monkeypatch):
        self.message, self.is_mended = in_call(), False
        facts = folding._facts

        def poisoned(reports):
            mine = (event.communication_uuid == self.message.uuid for event in reports)
            if not self.is_mended and any(mine):
                raise ValueError("cannot be read")
            return facts(reports)

        monkeypatch.setattr(folding, "_facts", poisoned)

    def hold(self) -> ProviderEvent:
        """One of its events in quarantine, with another's that is folded beside it."""
        fold_email(email_event(self.message, "open"), email_event(in_call(), "open"))
        for _ in range(quarantine.MOST_TRIES - 1):
            events.fold()
        return ProviderEvent.objects.get(quarantined_at__isnull=False)
