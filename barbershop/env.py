"""The environment, read once and refused with one sentence where it is wrong.

Every value the product takes from outside is named in the settings, so that ``.env.example``, the
docs and the code can be compared line by line.
"""

import json
import secrets
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from barbershop import env_values

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


def text(name: str, *, check=None) -> str:
    """A value, or nothing. ``check`` is one of ``env_values``; it sees what is set."""
    value = env.str(name, default="").strip()
    return check(name, value) if check and value else value


def items(name: str, *, check=None) -> list[str]:
    """Values between commas, each seen by ``check``."""
    values = [item.strip() for item in text(name).split(",") if item.strip()]
    return [check(name, value) for value in values] if check else values


def per_second(name: str) -> float | None:
    """How many messages a second; None when nobody limits them."""
    value = text(name)
    return env_values.per_second(name, value) if value else None


def per_day(name: str, *, default: int) -> int:
    """How many a day at most."""
    value = text(name)
    return env_values.per_day(name, value) if value else default


def url(name: str, *, default: str, bare: bool = False, ends_with: str = "") -> str:
    """An http(s) address. ``bare``: scheme and host only; ``ends_with``: the path it must have."""
    value = text(name) or default
    return env_values.web_address(name, value, example=default, bare=bare, ends_with=ends_with)


def provider(
    name: str, *, default: str, demo: bool, bare: bool = False, ends_with: str = ""
) -> str:
    """Where messages are given to. A demonstration's must be on this machine, key or no key."""
    value = url(name, default=default, bare=bare, ends_with=ends_with)
    if not demo:
        return value
    if not text(name):
        return f"http://127.0.0.1:9{ends_with}"  # nobody listens there
    if not env_values.is_loopback(value):
        raise ImproperlyConfigured(
            f"DEMO is on and {name} is {value!r}, which is not on this machine: the demonstration "
            "never talks to a real provider. Unset one of the two."
        )
    return value


def database(*, default: str) -> dict:
    return env_values.database("DATABASE_URL", text("DATABASE_URL") or default, example=default)


def secret(name: str, *, own: bool, shortest: int = 0) -> str:
    """A secret that production must set; with ``own`` it is made once and kept in ``var/``."""
    value = text(name)
    if not value and own:
        return _own_secrets()[name]
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set; set it to a long random value (see .env.example), "
            "or set DEBUG=true on a development machine."
        )
    return value if own else _long_enough(name, value, shortest=shortest)


def secret_list(name: str, *, own: bool, shortest: int = 0, check=None) -> list[str]:
    """Secrets between commas, newest first."""
    whole = secret(name, own=own)
    values = [value.strip() for value in whole.split(",") if value.strip()]
    if not values:
        raise ImproperlyConfigured(f"{name} holds commas and no key (see .env.example).")
    if not own:
        values = [_long_enough(name, value, shortest=shortest) for value in values]
    return [check(name, value) for value in values] if check else values


def _long_enough(name: str, value: str, *, shortest: int) -> str:
    if len(value) < shortest:
        raise ImproperlyConfigured(
            f"{name} holds a secret of {len(value)} characters; it needs at least {shortest} "
            "(see .env.example for a command that makes one)."
        )
    return value


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
