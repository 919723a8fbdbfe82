from django.core.management.base import BaseCommand, CommandError

from barbershop import health


class Command(BaseCommand):
    help = "Exit with 0 if database, migrations and broker are well; the same as /readyz."
    requires_system_checks = []

    def handle(self, *args, **options):
        found = health.state()
        for name, answer in found.items():
            self.stdout.write(f"{name}: {answer}")
        if not health.is_well(found):
            raise CommandError("Not ready.")
