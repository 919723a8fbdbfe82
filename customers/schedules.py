"""What the clock does on this floor."""

from barbershop import schedules


def register() -> None:
    schedules.register(
        "customers: empty what came in after an erasure",
        "customers.tasks.sweep_erased",
        crontab={"minute": "40"},
    )
