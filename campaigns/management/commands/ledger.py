"""The ledger of one execution: one JSON line per person and channel, or all of it in figures."""

import json
import os

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns import summary
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
    help = (
        "Print the ledger of one execution, one JSON object per line; with --summary in figures. "
        "Without --execution: the executions that run, are paused, or have something unresolved."
    )

    def add_arguments(self, parser):
        parser.add_argument("--execution", type=int, metavar="ID")
        parser.add_argument(
            "--summary",
            action="store_true",
            help="Counts, calls on the wire, calls without an outcome, open incidents.",
        )
        parser.add_argument(
            "--format",
            choices=["jsonl", "text", "json"],
            help="jsonl for rows (the default there); text (the default) or json for figures.",
        )

    def handle(self, *, execution: int | None, **options):
        is_rows = execution is not None and not options["summary"]
        asked, known = ("rows", ("jsonl",)) if is_rows else ("figures", ("text", "json"))
        if options["format"] not in (None, *known):
            raise CommandError(f"The format of {asked} is {' or '.join(known)}.")
        try:
            self._answer(execution, is_rows=is_rows, as_json=options["format"] == "json")
            self.stdout.flush()
        except BrokenPipeError:
            # The reader (head) has seen enough; what is still buffered goes nowhere, quietly.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def _answer(self, pk: int | None, *, is_rows: bool, as_json: bool) -> None:
        if pk is None:
            found = summary.unfinished(now=timezone.now())
            words = summary.list_in_words
        else:
            executions = CampaignExecution.objects.select_related("dispatch", "definition", "shop")
            execution = executions.filter(pk=pk).first()
            if execution is None:
                raise CommandError(f"There is no execution {pk}.")
            if is_rows:
                return self._print(execution)
            found = summary.of(execution, now=timezone.now())
            words = summary.in_words
        return self.stdout.write(json.dumps(found, indent=2) if as_json else words(found))

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
