"""Secrets of providers, encrypted at rest.

``FIELD_ENCRYPTION_KEYS`` holds Fernet keys, newest first: the first encrypts, all of them decrypt.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(Exception):
    """No configured key opens a stored secret: it must be entered again."""


def encrypt(plain: str) -> str:
    """What may be stored; ``""`` for nothing."""
    return _fernet().encrypt(plain.encode()).decode() if plain else ""


def decrypt(stored: str) -> str:
    """What was encrypted.

    Raises:
        SecretUnreadable: when its key is no longer among those configured.
    """
    if not stored:
        return ""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable(
            "A stored secret cannot be read with FIELD_ENCRYPTION_KEYS: put its key back, "
            "or enter the secret again."
        ) from error


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
