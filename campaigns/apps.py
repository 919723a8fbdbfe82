from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self):
        from campaigns import (
            criteria_facts,
            personal_data,
            receivers,
            referrals,
            schedules,
            segment_uses,
        )

        schedules.register()
        personal_data.register()
        criteria_facts.register()
        receivers.connect()
        referrals.register()
        segment_uses.register()
