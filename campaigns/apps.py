from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self):
        from campaigns import personal_data, receivers, schedules

        schedules.register()
        personal_data.register()
        receivers.connect()
