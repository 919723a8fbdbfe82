"""What the clock does on this floor."""

from barbershop import schedules


def register() -> None:
    schedules.register("campaigns: start and prepare", "campaigns.tasks.run_waiting", 15)
    schedules.register("campaigns: credit bookings", "campaigns.tasks.credit_recent", 60)
    schedules.register("campaigns: reward friends", "campaigns.tasks.reward_friends", 300)
    schedules.register(
        "campaigns: credit everything again",
        "campaigns.tasks.credit_all",
        crontab={"minute": "20", "hour": "4"},
    )
