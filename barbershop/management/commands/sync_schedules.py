from django.core.management.base import BaseCommand

from barbershop import schedules


class Command(BaseCommand):
    help = "Create the clock's jobs that are missing. What an operator has changed stays."

    def handle(self, *args, **options):
        created = schedules.create_missing()
        for name in created:
            self.stdout.write(f"created: {name}")
        self.stdout.write(f"{len(created)} created, {len(schedules.jobs()) - len(created)} kept.")
