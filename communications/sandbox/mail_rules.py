"""SendGrid's rules for the body of /v3/mail/send, as far as this project can meet them.

Messages and field names follow SendGrid's published list of errors; the first that is broken is
reported.
"""

import re
from typing import Any

from .exchange import Refused, Response, json_response

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message."
MAX_PERSONALIZATIONS = 1000
MAX_PERSONALIZATION_BYTES = 10_000

# SendGrid wants plain ASCII addresses: an international domain comes in its punycode form.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
# Addresses that are refused however often they are tried: john+invalid@... is named by the
# error, john+poison@... is not, so that the sender has to search for it.
_INVALID = re.compile(r"\+invalid\b[^@]*@")
_POISON = re.compile(r"\+poison\b[^@]*@")


def error(message: str, *, field: str | None = None, status: int = 400, **headers) -> Response:
    """Return SendGrid's error body.

    `help` is a link, as the live service gives it; its published description calls it an object.
    """
    help_link = HELP + re.sub(r"\.\d+", "", field) if field else None
    problem = {"message": message, "field": field, "help": help_link}
    return json_response({"errors": [problem]}, status=status, headers=headers)


def check(mail: Any) -> None:
    """Raise Refused unless SendGrid would take this mail."""
    _need(isinstance(mail, dict), "Bad Request", None)
    personalizations = mail.get("personalizations")
    _need(
        isinstance(personalizations, list) and personalizations,
        "The personalizations field is required and must have at least one personalization.",
        "personalizations",
    )
    _need(
        len(personalizations) <= MAX_PERSONALIZATIONS,
        "The personalization block is limited to 1000 personalizations per API request. You have "
        f"provided {len(personalizations)} personalizations. Please consider splitting this into "
        "multiple requests and resending your request.",
        "personalizations",
    )
    _check_sender(mail)
    _check_subject(mail, personalizations)
    _check_content(mail)
    _check_arguments(mail.get("custom_args"), "custom_args")
    for number, personalization in enumerate(personalizations):
        _check_personalization(personalization, f"personalizations.{number}")


def _check_sender(mail: dict) -> None:
    sender = mail.get("from")
    _need(
        isinstance(sender, dict) and sender.get("email"),
        "The from object must be provided for every email send. It is an object that requires "
        "the email parameter, but may also contain a name parameter.",
        "from.email",
    )
    _need(
        is_address(sender["email"]),
        "The from email does not contain a valid address.",
        "from.email",
    )


def _check_subject(mail: dict, personalizations: list) -> None:
    everywhere = all(isinstance(each, dict) and each.get("subject") for each in personalizations)
    _need(
        mail.get("subject") or everywhere or mail.get("template_id"),
        "The subject is required. You can get around this requirement if you use a template with "
        "a subject defined or if every personalization has a subject defined.",
        "subject",
    )
    _need(isinstance(mail.get("subject", ""), str), "The subject must be a string.", "subject")


def _check_content(mail: dict) -> None:
    content = mail.get("content")
    _need(
        (isinstance(content, list) and content) or mail.get("template_id"),
        "Unless a valid template_id is provided, the content parameter is required. There must "
        "be at least one defined content block.",
        "content",
    )
    for number, block in enumerate(content or []):
        where = f"content.{number}"
        _need(isinstance(block, dict), "Bad Request", None)
        for key in ("type", "value"):
            value = block.get(key)
            _need(
                isinstance(value, str) and value,
                f"The content {key} must be a string at least one character in length.",
                f"{where}.{key}",
            )


def _check_personalization(block: Any, where: str) -> None:
    _need(isinstance(block, dict), "Bad Request", None)
    _need(
        isinstance(block.get("to"), list) and block["to"],
        "The to array is required for all personalization objects, and must have at least one "
        "email object with a valid email address.",
        f"{where}.to",
    )
    seen: set[str] = set()
    for group in ("to", "cc", "bcc"):
        for number, person in enumerate(block.get(group) or []):
            _check_recipient(person, f"{where}.{group}.{number}.email")
            address = person["email"].lower()
            _need(
                address not in seen,
                "Each email address in the personalization block should be unique between to, "
                f"cc, and bcc. We found the first duplicate instance of [{person['email']}] in "
                f"the {where}.{group} field.",
                where,
            )
            seen.add(address)
    _check_arguments(block.get("custom_args"), f"{where}.custom_args")
    _check_substitutions(block.get("substitutions"), f"{where}.substitutions")
    headers = block.get("headers") or {}
    _need(
        isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values()),
        "Bad Request",
        None,
    )


def _check_recipient(person: Any, field: str) -> None:
    address = person.get("email") if isinstance(person, dict) else None
    valid = is_address(address) and not _INVALID.search(address)
    _need(valid, "Does not contain a valid address.", field)
    _need(not _POISON.search(address), "Bad Request", None)


def _check_arguments(arguments: Any, field: str) -> None:
    if arguments is None:
        return
    kind = type(arguments).__name__
    _need(isinstance(arguments, dict), f"Invalid type. Expected: object, given: {kind}.", field)
    # A value that is no string gets SendGrid's answer without a hint.
    _need(all(isinstance(value, str) for value in arguments.values()), "Bad Request", None)
    size = sum(len(key.encode()) + len(value.encode()) for key, value in arguments.items())
    _need(
        size <= MAX_PERSONALIZATION_BYTES,
        "The custom arguments are limited to 10000 bytes per personalization block.",
        field,
    )


def _check_substitutions(substitutions: Any, field: str) -> None:
    if substitutions is None:
        return
    _need(isinstance(substitutions, dict), "Bad Request", None)
    _need(
        all(value is None or isinstance(value, str) for value in substitutions.values()),
        "Bad Request",
        None,
    )
    size = sum(
        len(key.encode()) + len((text or "").encode()) for key, text in substitutions.items()
    )
    _need(
        size <= MAX_PERSONALIZATION_BYTES,
        "The substitutions are limited to 10000 bytes per personalization block.",
        field,
    )


def is_address(value: Any) -> bool:
    """Return whether SendGrid would take `value` as a bare address."""
    return isinstance(value, str) and len(value) <= 254 and bool(_ADDRESS.fullmatch(value))


def _need(condition: Any, message: str, field: str | None) -> None:
    if not condition:
        raise Refused(error(message, field=field))
