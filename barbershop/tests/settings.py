"""The product's own settings, read after the environment of the tests is fixed."""

import atexit
import os
import tempfile

from barbershop.tests import environment

environment.fix()
# Programs that a test starts read the product's settings, from the environment given to them.
os.environ["DJANGO_SETTINGS_MODULE"] = "barbershop.settings"

from barbershop.settings import *  # noqa: E402, F403 - settings are these, all of them
from barbershop.settings import DATABASES  # noqa: E402

_counts = tempfile.TemporaryDirectory(prefix="barbershop-tests-")
atexit.register(_counts.cleanup)
COUNTS_DIR = _counts.name  # what tests send to webhooks is not the installation's

if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # A server installed without a locale makes databases that hold bytes instead of text.
    DATABASES["default"]["TEST"] = {"CHARSET": "UTF8", "TEMPLATE": "template0"}
    # No test ends the server, so no commit has to wait for its disk.
    OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
    OPTIONS["options"] = f"{OPTIONS.get('options', '')} -c synchronous_commit=off".strip()

# The product's own takes a fifth of a second on purpose; no test is about how slow it is.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
