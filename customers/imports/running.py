"""A whole file: read in chunks, each carried out in its own transaction."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import PurePath

from django.db import IntegrityError
from django.utils import timezone

from barbershop.deadlocks import retried
from barbershop.models import Barbershop
from customers import kept_out
from customers.imports import statistics
from customers.imports.columns import read_header
from customers.imports.people import Interpreter, Person, Problem
from customers.imports.planning import Plan, Planner
from customers.imports.reading import Row, opened, rows
from customers.imports.refusal import ImportRefused
from customers.imports.seen import Seen
from customers.imports.writing import write
from customers.models import CustomerImport, CustomerImportError

CHUNK = 500
TRIES = 3
LEARN_AFTER = frozenset(4**power for power in range(2, 12))  # chunks: 8,000 rows, 32,000…


def run(
    *,
    shop: Barbershop,
    file,
    filename: str,
    dry_run: bool = False,
    ignore_unknown: bool = False,
    by=None,
    now: dt.datetime | None = None,
) -> CustomerImport:
    """Bring customers in from a CSV file (binary), keeping good rows and listing bad ones.

    A row updates the customer it is about, else creates one; an empty cell leaves what is known,
    tags are added, and nobody is opted in again who opted out after the date in the file. Running
    the same file again changes nothing. With ``dry_run`` the numbers and errors are the same, and
    no customer is touched.

    Raises:
        ImportRefused: when the file itself cannot be used; then nothing was changed.
    """
    now = now or timezone.now()
    with opened(file) as (text, encoding), Seen() as seen:
        header = read_header(text, ignore_unknown=ignore_unknown)
        found = rows(text, delimiter=header.delimiter, first_line=header.next_line)
        first = next(found, None)
        if first is None:
            raise ImportRefused("The file names columns and has no rows.")
        record = CustomerImport.objects.create(
            shop=shop,
            filename=PurePath(filename.replace("\\", "/")).name[:255],
            encoding=encoding,
            is_dry_run=dry_run,
            started_by=by,
            started_at=now,
        )
        interpreter = Interpreter(shop=shop, names=header.names, now=now)
        importer = _Importer(record, interpreter=interpreter, seen=seen, by=by, now=now)
        for number, some in enumerate(_chunks(chain([first], found)), 1):
            importer.take(some)
            if number in LEARN_AFTER and not dry_run:
                statistics.refresh()
    record.finished_at = timezone.now()
    record.save(update_fields=["finished_at"])
    return record


def _chunks(found: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(found)
    while some := list(islice(iterator, CHUNK)):
        yield some


class _Importer:
    def __init__(self, record: CustomerImport, *, interpreter, seen: Seen, by, now):
        self._record, self._interpreter, self._seen = record, interpreter, seen
        self._by, self._now = by, now

    def take(self, some: list[Row]) -> None:
        """Carry out some rows, wholly or, if the process dies, not at all."""
        people, problems = [], []
        for row in some:
            person, wrong = self._interpreter.read(row)
            problems += wrong
            if person is not None:
                people.append(person)
        for attempt in range(1, TRIES + 1):
            try:
                plan, counts = retried(lambda: self._carry_out(people, problems, rows=len(some)))
                break
            except IntegrityError:
                # Somebody else created one of these customers since we looked: look again.
                if attempt == TRIES:
                    raise
        for name, count in counts.items():
            setattr(self._record, name, getattr(self._record, name) + count)
        self._seen.add(plan.seen)

    def _carry_out(self, people: list[Person], problems: list[Problem], *, rows: int):
        """The plan that was carried out, and what to add to the counts. Runs in a transaction."""
        record = self._record
        planner = Planner(people, shop=record.shop, seen=self._seen, lock=not record.is_dry_run)
        plan = planner.plan(now=self._now)
        if not record.is_dry_run:
            write(plan.changes, shop=record.shop, by=self._by, now=self._now)
        record.errors.bulk_create(_errors(record, [*problems, *plan.problems]), batch_size=200)
        counts = _counted(plan, rows=rows)
        people = [change.customer for change in plan.changes]
        counts["kept_out"] = kept_out.count(people, shop=record.shop)
        CustomerImport.objects.filter(pk=record.pk).update(
            **{name: getattr(record, name) + count for name, count in counts.items()}
        )
        return plan, counts


def _counted(plan: Plan, *, rows: int) -> dict[str, int]:
    created = sum(change.was_new for change in plan.changes)
    updated = sum(change.is_change and not change.was_new for change in plan.changes)
    return {
        "rows": rows,
        "created": created,
        "updated": updated,
        "unchanged": len(plan.changes) - created - updated,
        "rejected": rows - len(plan.changes),
    }


def _errors(record: CustomerImport, problems: list[Problem]) -> list[CustomerImportError]:
    longest = CustomerImportError._meta.get_field("message").max_length
    return [
        CustomerImportError(
            shop_id=record.shop_id,
            customer_import=record,
            line=problem.line,
            column=problem.column,
            message=problem.message[:longest],
        )
        for problem in sorted(problems, key=lambda each: each.line)
    ]
