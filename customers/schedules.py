"""What the clock does on this floor."""

from barbershop import schedules


def register() -> None:
    schedules.register(
        "customers: empty what came in after an erasure",
        "customers.tasks.sweep_erased",
        crontab={"minute": "40"},
    )
    # Every hour, so that each shop's day begins by its own calendar; each segment once a day.
    schedules.register(
        "customers: see who entered and left segments",
        "customers.tasks.watch_segments",
        crontab={"minute": "10"},
    )
