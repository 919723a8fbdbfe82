from django.apps import AppConfig


class CommunicationsConfig(AppConfig):
    name = "communications"

    def ready(self):
        from communications import may_write, personal_data, schedules, unsubscribe
        from customers import opt_outs

        opt_outs.after_opt_out(unsubscribe.by_report)
        may_write.register()
        schedules.register()
        personal_data.register()
