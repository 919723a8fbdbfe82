"""Django's and Celery's defaults wherever there is one."""

import os

import environ

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["anymail", "benchmarks.sending.naive"]
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
SILENCED_SYSTEM_CHECKS = ["anymail.W003"]
DEFAULT_FROM_EMAIL = os.environ["SENDGRID_FROM_EMAIL"]
ANYMAIL = {
    "SENDGRID_API_KEY": os.environ["SENDGRID_API_KEY"],
    "SENDGRID_API_URL": os.environ["SENDGRID_API_URL"],
}
