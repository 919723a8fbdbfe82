from django.apps import AppConfig


class BarbershopConfig(AppConfig):
    name = "barbershop"

    def ready(self):
        from barbershop import checks, schedules
        from barbershop.personal_data import declared, packages

        checks.register()
        declared.register()
        packages.register()
        schedules.register(
            "Forget old idempotency keys",
            "barbershop.tasks.forget_old_keys",
            crontab={"hour": "3", "minute": "20"},
        )
