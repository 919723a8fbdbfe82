"""What the demonstration sets for its processes: its own database, providers and secrets.

Nothing of the person's own configuration reaches them: not a database, not a provider's key.
"""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

SENDGRID_KEY = "SG.demo"
TWILIO_ACCOUNT = "AC" + "d" * 32
TWILIO_TOKEN = "demo-token"  # noqa: S105 - accepted by the sandbox only
HOST = "127.0.0.1"

# Of these a real value might be present, and none may be near a demonstration.
PROVIDER_KEYS = {
    "SENDGRID_API_KEY": SENDGRID_KEY,
    "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
    "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
}


def real_keys(configured: Mapping[str, str]) -> list[str]:
    """Names of the provider keys that are set to anything but the demonstration's own."""
    return [
        name for name, own in PROVIDER_KEYS.items() if configured.get(name, "") not in ("", own)
    ]


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that is still closing does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def environment(*, port: int, sandbox_port: int, database: Path) -> dict[str, str]:
    """The whole environment of the demonstration's processes."""
    base = f"http://{HOST}:{port}"
    sandbox = f"http://{HOST}:{sandbox_port}"
    return {
        **os.environ,
        **PROVIDER_KEYS,
        "DEMO": "true",
        "DEBUG": "false",
        "DATABASE_URL": f"sqlite:///{database}",
        "REDIS_URL": "",
        # Empty: the demonstration makes its own and keeps them in var/.
        "SECRET_KEY": "",
        "ADDRESS_PEPPER": "",
        "LINK_SIGNING_KEYS": "",
        "FIELD_ENCRYPTION_KEYS": "",
        "ALLOWED_HOSTS": "",
        "PUBLIC_BASE_URL": base,
        "SECURE_SSL": "false",
        "SENDGRID_FROM_EMAIL": "hello@demo.example",
        "SENDGRID_FROM_NAME": "Demo Barbers",
        "SENDGRID_API_URL": f"{sandbox}/v3/",
        "SENDGRID_WEBHOOK_PUBLIC_KEYS": "",
        "SENDGRID_INBOUND_DOMAIN": "",
        "SENDGRID_INBOUND_SECRET": "",
        "TWILIO_PHONE_NUMBER": "+15005550006",
        "TWILIO_REGISTRATION": "CDEMO01",
        "TWILIO_BASE_URL": sandbox,
        "SENTRY_DSN": "",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
