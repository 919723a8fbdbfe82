"""The environment, read once and refused with one sentence where it is wrong.

Every value the product takes from outside is named here, so that ``.env.example``, the docs and
the code can be compared line by line.
"""

import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))

# Where the embedded default keeps its database, broker folder and own secrets: a local disk.
VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")


def boolean(name: str, *, default: bool = False) -> bool:
    raw = env.str(name, default="").strip().lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; write true or false.")


def text(name: str, *, default: str = "") -> str:
    return env.str(name, default=default).strip()


def items(name: str) -> list[str]:
    return [item.strip() for item in text(name).split(",") if item.strip()]


def url(name: str, *, default: str, bare: bool = False, ends_with: str = "") -> str:
    """An http(s) address. ``bare``: scheme and host only; ``ends_with``: the path it must have."""
    value = text(name, default=default) or default
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a full address such as {default}.")
    if bare and parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; write scheme and host only, such as {default}."
        )
    if ends_with and not value.endswith(ends_with):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must end in {ends_with}.")
    return value.rstrip("/") if bare else value


def database(*, default: str) -> dict:
    raw = text("DATABASE_URL", default=default) or default
    if urlsplit(raw).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite:// or postgres://, "
            f"for example {default} or postgres://user:password@host:5432/name."
        )
    return environ.Env.db_url_config(raw)


def redis_url() -> str:
    raw = text("REDIS_URL")
    if raw and urlsplit(raw).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(
            f"REDIS_URL is {raw!r}; write redis://host:6379/0, or leave it empty to run embedded."
        )
    return raw


def fernet_keys(values: list[str]) -> list[str]:
    for value in values:
        try:
            Fernet(value)
        except ValueError as error:
            raise ImproperlyConfigured(
                "FIELD_ENCRYPTION_KEYS holds a key that is not 32 url-safe base64 bytes; make one "
                "with: python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'"
            ) from error
    return values


def secret(name: str, *, own: bool) -> str:
    """A secret that production must set; with ``own`` it is made once and kept in ``var/``."""
    value = text(name)
    if not value and own:
        return _own_secrets()[name]
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set; set it to a long random value (see .env.example), "
            "or set DEBUG=true on a development machine."
        )
    return value


def secret_list(name: str, *, own: bool) -> list[str]:
    secret(name, own=own)
    return items(name) or [_own_secrets()[name]]


def _own_secrets() -> dict[str, str]:
    path = VAR_DIR / "secrets.json"
    if path.is_file():
        return json.loads(path.read_text())
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ADDRESS_PEPPER": secrets.token_urlsafe(32),
        "LINK_SIGNING_KEYS": secrets.token_urlsafe(32),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    VAR_DIR.mkdir(exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, one wins and both
    # read the winner's file.
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(made, indent=2))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return json.loads(path.read_text())
