from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"

    def ready(self):
        from customers import personal_data, schedules

        schedules.register()
        personal_data.register()
