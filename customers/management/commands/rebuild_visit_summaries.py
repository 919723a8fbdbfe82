"""Sums over visits and payments, made anew."""

from django.core.management.base import BaseCommand

from customers import visit_summaries


class Command(BaseCommand):
    help = (
        "Make the sums of every customer's visits and payments anew. The database keeps them by "
        "itself; needed only after rows were written with its triggers off."
    )

    def handle(self, **options):
        number = visit_summaries.rebuild()
        self.stdout.write(f"{number:,} summaries were made anew.")
