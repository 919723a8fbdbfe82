from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self):
        from analytics import personal_data, schedules

        schedules.register()
        personal_data.register()
