"""The Celery application. Tasks only hint at work that the database already holds."""

import os

from celery import Celery
from celery.signals import task_prerun

from barbershop import file_broker, startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.settings")

file_broker.register()
app = Celery("barbershop")
# Called when the configuration is first asked for; a process that only imports this has none.
app.on_configure.connect(startup.read_settings_first, weak=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def look_at_connections(sender, **_) -> None:
    """Celery keeps a connection for ``CELERY_DB_REUSE_MAX`` tasks and never asks whether it lives.

    Asked as Django asks before a request: one that broke since the last task is opened anew.
    """
    if not sender.request.is_eager:
        from django.db import close_old_connections

        close_old_connections()
