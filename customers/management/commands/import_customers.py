"""Customers from a CSV file."""

import csv
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from barbershop.models import Barbershop
from customers import imports, kept_out
from customers.models import CustomerImport

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Bring customers in from a CSV file. Good rows are kept, bad ones listed with line and "
        f"reason. Columns: {', '.join(imports.COLUMNS)}."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--shop", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="Check only, change nothing.")
        parser.add_argument("--ignore-unknown", action="store_true", help="Leave out such columns.")
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="Write all refused rows to a CSV file."
        )

    def handle(self, *, file, shop, dry_run, ignore_unknown, errors, **options):
        try:
            with file.open("rb") as opened:
                done = imports.run(
                    shop=_shop(shop),
                    file=opened,
                    filename=file.name,
                    dry_run=dry_run,
                    ignore_unknown=ignore_unknown,
                )
            if errors:
                _save(done, errors)
        except imports.ImportRefused as error:
            raise CommandError(f"{file}: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self._report(done, errors)

    def _report(self, done: CustomerImport, errors: Path | None) -> None:
        would = " (dry run: nothing was changed)" if done.is_dry_run else ""
        self.stdout.write(
            f"{done.rows} rows: {done.created} created, {done.updated} updated, "
            f"{done.unchanged} unchanged, {done.rejected} refused{would}"
        )
        if note := kept_out.in_words(done.kept_out):
            self.stdout.write(note)
        for error in done.errors.all()[:SHOWN]:
            column = f"{error.column}: " if error.column else ""
            self.stdout.write(f"line {error.line}: {column}{error.message}")
        more = done.errors.count() - SHOWN
        if more > 0:
            where = f"see {errors}" if errors else "write them all with --errors FILE"
            self.stdout.write(f"… and {more} more; {where}")


def _save(done: CustomerImport, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "message"])
        rows = done.errors.values_list("line", "column", "message")
        writer.writerows(rows.iterator(chunk_size=1000))


def _shop(slug: str) -> Barbershop:
    shop = Barbershop.objects.filter(slug=slug).first()
    if shop is None:
        known = ", ".join(Barbershop.objects.values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no shop {slug!r}. Shops are: {known}.")
    return shop
