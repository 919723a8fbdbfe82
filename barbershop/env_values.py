"""What each kind of value from the environment must look like, and the sentence when it does not.

Values that may hold a password are never repeated in the sentence.
"""

import base64
import binascii
import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

POSTGRES = "postgres://user:password@host:5432/name"
REDIS = "redis://host:6379/0"
DSN = "https://key@host/1"
_HOST = re.compile(r"(\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])\Z", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}\Z")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}\Z", re.IGNORECASE)
_URL_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}\Z")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_REGISTRATION = re.compile(r"[A-Za-z0-9_-]{4,80}\Z")
_email = EmailValidator()
SLOWEST, FASTEST = 0.01, 1_000_000.0  # messages per second


def split(name: str, value: str, *, example: str) -> SplitResult:
    """The parts of an address, of which host and port make sense."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises when it is no port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is no address: check its port, and write special characters of a password as "
            f"%XX; it looks like {example}."
        ) from None
    return parts


def web_address(name: str, value: str, *, example: str, bare: bool, ends_with: str) -> str:
    parts = split(name, value, example=example)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a full address such as {example}.")
    if bare and (parts.path.strip("/") or parts.query or parts.fragment):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write scheme and host only, such as {example}."
        )
    if ends_with and not value.endswith(ends_with):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must end in {ends_with}.")
    return value.rstrip("/") if bare else value


def database(name: str, value: str, *, example: str) -> dict:
    """Django's settings of a database."""
    scheme = value.partition(":")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} must begin with sqlite:// or postgres://, for example {example} or {POSTGRES}."
        )
    if scheme != "sqlite":
        parts = split(name, value, example=POSTGRES)
        if not parts.path.strip("/"):
            raise ImproperlyConfigured(f"{name} names no database; it looks like {POSTGRES}.")
        return environ.Env.db_url_config(value)
    config = environ.Env.db_url_config(value)
    folder = Path(config["NAME"]).parent
    if config["NAME"] != ":memory:" and not folder.is_dir():
        raise ImproperlyConfigured(f"{name} is a file in {folder}, and there is no such folder.")
    return config


def redis(name: str, value: str) -> str:
    parts = split(name, value, example=REDIS)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(
            f"{name} must begin with redis://, rediss:// or unix://, for example {REDIS}; "
            "or leave it empty to run embedded."
        )
    if parts.scheme == "unix" and not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} names no socket; it looks like unix:///run/redis.sock.")
    if parts.scheme != "unix" and not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no host; it looks like {REDIS}.")
    if parts.scheme != "unix" and not re.fullmatch(r"/?|/[0-9]{1,4}", parts.path):
        raise ImproperlyConfigured(
            f"{name} must end in the number of a database; it looks like {REDIS}."
        )
    return value


def sentry(name: str, value: str) -> str:
    parts = split(name, value, example=DSN)
    project = parts.path.rpartition("/")[2]
    known = parts.scheme in {"http", "https"} and parts.hostname and parts.username
    if not known or not (project.isascii() and project.isdigit()):
        raise ImproperlyConfigured(f"{name} is no DSN of Sentry; it looks like {DSN}.")
    return value


def bearer_token(name: str, value: str) -> str:
    """What an HTTP header can carry and nobody guesses."""
    if not _TOKEN.match(value):
        raise ImproperlyConfigured(
            f"{name} needs at least 16 characters, of letters, digits and -._~+/=; "
            'python -c "import secrets; print(secrets.token_urlsafe(32))" makes one.'
        )
    return value


def host(name: str, value: str) -> str:
    if not _HOST.match(value):
        raise ImproperlyConfigured(
            f"{name} holds {value!r}; write host names only, without scheme, port or path, such as "
            "campaigns.example.com."
        )
    return value


def mail_domain(name: str, value: str) -> str:
    """A domain that receives email, in small letters."""
    if not _DOMAIN.match(value) or len(value) > 200:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write the domain alone, such as replies.example.com."
        )
    return value.lower()


def url_secret(name: str, value: str) -> str:
    """A secret that stands in an address as it is."""
    if not _URL_SECRET.match(value):
        raise ImproperlyConfigured(
            f"{name} needs at least 16 characters, letters, digits, - and _ only; make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(24))'"
        )
    return value


def email_address(name: str, value: str) -> str:
    try:
        _email(value)
    except ValidationError:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write one address such as hello@example.com."
        ) from None
    return value


def phone_number(name: str, value: str) -> str:
    if not _E164.match(value):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write the number with + and country, such as +12125550123."
        )
    return value


def registration(name: str, value: str) -> str:
    """The id under which carriers know a sender, as the provider shows it."""
    if not _REGISTRATION.match(value):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write the id as Twilio shows it, letters and digits without "
            "spaces: of the A2P 10DLC campaign, or of the toll-free verification."
        )
    return value


def per_second(name: str, value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = 0.0
    if not SLOWEST <= rate <= FASTEST:  # which is false of nan, too
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write messages per second, such as 10 or 0.5, "
            "or leave it empty for no limit."
        )
    return rate


def per_day(name: str, value: str) -> int:
    number = int(value) if re.fullmatch(r"[0-9]{1,6}", value) else 0
    if not number:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write how many a day, a whole number from 1 to 999999."
        )
    return number


def webhook_key(name: str, value: str) -> str:
    try:
        key = serialization.load_der_public_key(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ImproperlyConfigured(
            f"{name} holds {value[:20]!r}…, which is no verification key: copy it as SendGrid "
            "shows it, base64 of a P-256 public key."
        )
    return value


def fernet_key(name: str, value: str) -> str:
    try:
        Fernet(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} holds a key that is not 32 url-safe base64 bytes; make one with: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        ) from None
    return value


def is_loopback(url: str) -> bool:
    """Whether an address leads nowhere but to this machine."""
    address = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost" or address.endswith(".localhost")
