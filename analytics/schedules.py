"""What the clock does on this floor."""

from django.conf import settings

from barbershop import schedules


def register() -> None:
    schedules.register("alerts: campaigns that did not start", "analytics.tasks.watch", 60)
    if settings.DEMO:
        schedules.register("demo: customers book and pay", "analytics.tasks.live", 15)
