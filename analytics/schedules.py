"""What the clock does on this floor."""

from django.conf import settings

from barbershop import schedules


def register() -> None:
    if settings.DEMO:
        schedules.register("demo: customers book and pay", "analytics.tasks.live", 15)
