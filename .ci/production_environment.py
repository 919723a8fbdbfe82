"""Print a complete environment like production's, as shell assignments, for the deploy checks.

Secrets are made afresh; hosts and accounts are examples and nothing listens there.
"""

import base64
import secrets
import shlex

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def main() -> None:
    for name, value in environment().items():
        print(f"export {name}={shlex.quote(value)}")


def environment() -> dict[str, str]:
    return {
        "DEBUG": "false",
        "DEMO": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ADDRESS_PEPPER": secrets.token_urlsafe(32),
        "LINK_SIGNING_KEYS": secrets.token_urlsafe(32),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_BASE_URL": "https://campaigns.example.com",
        "ALLOWED_HOSTS": "campaigns.example.com",
        "SECURE_SSL": "true",
        "SENDGRID_API_KEY": "SG." + secrets.token_urlsafe(32),
        "SENDGRID_FROM_EMAIL": "hello@example.com",
        "SENDGRID_FROM_NAME": "Example Barbers",
        "SENDGRID_API_URL": "https://api.sendgrid.com/v3/",
        "SENDGRID_WEBHOOK_PUBLIC_KEYS": _webhook_key(),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_PHONE_NUMBER": "+15005550006",
        "TWILIO_REGISTRATION": "CTEST01",
        "TWILIO_BASE_URL": "https://api.twilio.com",
        "SENTRY_DSN": "",
    }


def _webhook_key() -> str:
    der = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


if __name__ == "__main__":
    main()
