"""The ledger of one execution: one JSON line per person and channel."""

import json
import os

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import CampaignExecution
from communications.models import CustomerCommunication

FIELDS = {
    "communication": "uuid",
    "customer": "customer_id",
    "external_id": "customer__external_id",
    "channel": "channel",
    "address": "address",
    "state": "state",
    "reason": "reason",
    "variant": "content__variant_label",
    "attempts": "attempt_count",
    "provider_id": "attempt__provider_id",
    "queued_at": "queued_at",
    "sending_at": "sending_at",
    "accepted_at": "accepted_at",
    "delivered_at": "delivered_at",
}


class Command(BaseCommand):
    help = "Print the ledger of one execution, one JSON object per line."

    def add_arguments(self, parser):
        parser.add_argument("--execution", type=int, required=True)
        parser.add_argument("--format", choices=["jsonl"], default="jsonl")

    def handle(self, *, execution: int, **options):
        found = CampaignExecution.objects.filter(pk=execution).first()
        if found is None:
            raise CommandError(f"There is no execution {execution}.")
        try:
            self._print(found)
            self.stdout.flush()
        except BrokenPipeError:
            # The reader (head) has seen enough; what is still buffered goes nowhere, quietly.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def _print(self, execution: CampaignExecution) -> None:
        rows = (
            CustomerCommunication.objects.filter(dispatch=execution.dispatch_id)
            .with_state()
            .order_by("pk")
            .values_list(*FIELDS.values())
        )
        for row in rows.iterator(chunk_size=2000):
            line = dict(zip(FIELDS, row, strict=True))
            line["provider_id"] = line["provider_id"] or ""
            self.stdout.write(json.dumps(line, default=_text))


def _text(value) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
