"""An answer by email, as SendGrid's inbound parse hands it over.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

import json
import re
from email.utils import getaddresses, parseaddr

from django.core.exceptions import ValidationError

from communications import links
from communications.models import CustomerCommunication
from customers.addresses import normalise_email

MAILBOX = "unsubscribe"
LONGEST = 5000  # characters of a text that are kept
FIELDS = ("to", "from", "subject", "text", "html", "envelope", "headers")

_QUOTE = re.compile(
    r"(?m)^\s*(?:>|-{3,}|_{5,}|On .{0,200}\bwrote:|El .{0,200}\bescribi|Le .{0,200}\ba écrit"
    r"|From:|De:|Sent from my|Envoyé de|Enviado desde)"
)
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]{0,2000}>", re.S | re.I)
_AUTOMATIC = re.compile(
    r"^(?:auto-submitted:\s*(?!no\b)|x-auto(?:reply|respond)|precedence:\s*(?:bulk|auto_reply|junk))",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)


def message_id(payload: dict) -> str:
    found = _MESSAGE_ID.search(_value(payload, "headers"))
    return found[1] if found else ""


def sender(payload: dict) -> str:
    """The normalised address in "From"; "" when there is none that we could have written to."""
    try:
        return normalise_email(parseaddr(_value(payload, "from"))[1])
    except ValidationError:
        return ""


def is_automatic(payload: dict) -> bool:
    """A machine's answer, such as an absence note; nobody said anything."""
    bounced = "from" in _envelope(payload) and not _envelope(payload)["from"]
    return bounced or bool(_AUTOMATIC.search(_value(payload, "headers")))


def is_for_unsubscribing(payload: dict) -> bool:
    return any(local.partition("+")[0].casefold() == MAILBOX for local, _ in _receivers(payload))


def unsubscribed(payload: dict) -> CustomerCommunication | None:
    """The message whose List-Unsubscribe address this was sent to."""
    for local, _ in _receivers(payload):
        mailbox, _, token = local.partition("+")
        said = links.read(token) if mailbox.casefold() == MAILBOX else None
        if isinstance(said, links.Unsubscribe):
            found = CustomerCommunication.objects.select_related("dispatch")
            return found.filter(uuid=said.communication).first()
    return None


def words(payload: dict) -> str:
    """What the person wrote himself: the subject when he started it, and the text above a quote."""
    text = _value(payload, "text") or _TAG.sub(" ", _value(payload, "html"))
    quote = _QUOTE.search(text)
    said = text[: quote.start()] if quote else text
    subject = _value(payload, "subject")
    # The subject of a reply is ours.
    if re.match(r"\s*(?:re|aw|rv|tr|fwd?)\s*:", subject, re.IGNORECASE):
        subject = ""
    return "\n".join(part.strip() for part in (subject, said) if part.strip())[:LONGEST]


def _receivers(payload: dict) -> list[tuple[str, str]]:
    told = _envelope(payload).get("to")
    found = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    found += [address for _, address in getaddresses([_value(payload, "to")])]
    return [(local, domain) for local, _, domain in (one.rpartition("@") for one in found)]


def _envelope(payload: dict) -> dict:
    try:
        found = json.loads(_value(payload, "envelope") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _value(payload: dict, key: str) -> str:
    value = payload.get(key, "")
    return value if isinstance(value, str) else ""
