"""What the clock does on this floor."""

from barbershop import schedules


def register() -> None:
    schedules.register("messages: send what is due", "communications.tasks.send_due", 10)
    schedules.register("messages: sweep up after dead workers", "communications.tasks.sweep", 30)
    schedules.register(
        "messages: resolve unknown calls", "communications.tasks.resolve_unknown", 30
    )
    schedules.register("messages: fold provider events", "communications.tasks.fold_events", 10)
