"""A process starts with settings that make sense, or says in one sentence why it does not."""

import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

WRONG_SETTINGS = 2
# Of gunicorn: the application cannot be loaded, so no worker is tried again.
GIVE_UP = 4


def read_settings(*, exit_code: int = WRONG_SETTINGS) -> None:
    """Read the environment now; end the process where it is wrong."""
    try:
        settings.INSTALLED_APPS  # noqa: B018 - the first look at any setting reads them all
    except ImproperlyConfigured as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(exit_code)


def read_settings_first(**signal) -> None:
    """The same, as a receiver of Celery's ``on_configure``."""
    read_settings()
