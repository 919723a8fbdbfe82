from django.apps import AppConfig


class CommunicationsConfig(AppConfig):
    name = "communications"

    def ready(self):
        from communications import personal_data, schedules

        schedules.register()
        personal_data.register()
