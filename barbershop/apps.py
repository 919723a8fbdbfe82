from django.apps import AppConfig


class BarbershopConfig(AppConfig):
    name = "barbershop"

    def ready(self):
        from barbershop import checks, schedules

        checks.register()
        schedules.register(
            "Forget old idempotency keys",
            "barbershop.tasks.forget_old_keys",
            crontab={"hour": "3", "minute": "20"},
        )
