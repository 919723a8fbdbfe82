"""Django's ``flush``: emptying everything is allowed where changing one row of evidence is not."""

from django.core.management.commands import flush
from django.db import connections

from barbershop.evidence_guard import guards_aside


class Command(flush.Command):
    def handle(self, **options):
        with guards_aside(connections[options["database"]]):
            super().handle(**options)
