"""The Celery application. Tasks only hint at work that the database already holds."""

import os

from celery import Celery

from barbershop import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.settings")

file_broker.register()
app = Celery("barbershop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
