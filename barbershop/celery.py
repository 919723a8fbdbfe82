"""The Celery application. Tasks only hint at work that the database already holds."""

import os

from celery import Celery

from barbershop import file_broker, startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.settings")

file_broker.register()
app = Celery("barbershop")
# Called when the configuration is first asked for; a process that only imports this has none.
app.on_configure.connect(startup.read_settings_first, weak=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
