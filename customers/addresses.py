"""Addresses in the one form that is stored, compared and sent to."""

import hashlib
import hmac
import re
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_EMAIL = EmailValidator()
_UNSAFE = re.compile(r"[\s,;<>\"\x00-\x1f\x7f]")


def normalise_email(raw: str) -> str:
    """Lower case, domain in punycode; ``""`` for nothing.

    Raises:
        ValidationError: when a provider could not deliver to it as written.
    """
    value = (raw or "").strip().lower()
    if not value:
        return ""
    local, at, domain = value.rpartition("@")
    if not at or _UNSAFE.search(value) or not local.isascii() or len(value) > 254:
        raise ValidationError(f"{raw!r} is not an email address.", code="invalid_email")
    try:
        value = f"{local}@{domain.encode('idna').decode()}"
        _EMAIL(value)
    except (UnicodeError, ValidationError) as error:
        raise ValidationError(f"{raw!r} is not an email address.", code="invalid_email") from error
    return value


def normalise_phone(raw: str, *, region: str = "US") -> str:
    """E.164 such as ``+12125550123``; ``""`` for nothing.

    Args:
        region: ISO 3166 country whose national numbers are meant when there is no ``+``.

    Raises:
        ValidationError: when no such number can exist, or its area code is missing.
    """
    value = (raw or "").strip()
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(f"{raw!r} is not a phone number.", code="invalid_phone") from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        # Dialled within a town only; +1 before it would be somebody else's number, or nobody's.
        raise ValidationError(f"{raw!r} has no area code.", code="invalid_phone")
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE or number.extension:
        raise ValidationError(f"{raw!r} is not a phone number.", code="invalid_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4)
def _keyed(pepper: str) -> hmac.HMAC:
    return hmac.new(pepper.encode(), digestmod=hashlib.sha256)


def address_hmac(address: str) -> str:
    """HMAC-SHA-256 of a normalised address, first 128 bits in hex; ``""`` for none.

    What is left of a person after erasure: it matches the same address again and reveals nothing.
    """
    if not address:
        return ""
    keyed = _keyed(settings.ADDRESS_PEPPER).copy()
    keyed.update(address.encode())
    return keyed.hexdigest()[:32]
