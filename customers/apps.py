from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self):
        from customers import personal_data, schedules
        from customers.segments import uses

        schedules.register()
        personal_data.register()
        uses.register()
