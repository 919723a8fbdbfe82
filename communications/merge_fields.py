"""The words an owner may write in double braces, and where their values come from.

``{{ customer_first_name }}`` or, with a fallback of his own,
``{{ customer_first_name | default: "friend" }}``. The same spelling is valid Liquid.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from barbershop.nearest import nearest

FIELD = re.compile(
    r"""\{\{\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*
        (?:\|\s*default:\s*(?P<quote>["'])(?P<fallback>.*?)(?P=quote)\s*)?\}\}""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class MergeField:
    """One word.

    Attributes:
        path: look-up from the message row, such as ``customer__first_name``.
        shop_attribute: attribute of the shop: the same for everybody in a dispatch.
        default: used when the value is empty and the text names no fallback.
        is_link: the value is an address and becomes a link in HTML.
    """

    name: str
    description: str
    example: str
    path: str = ""
    shop_attribute: str = ""
    default: str = ""
    is_link: bool = False


MERGE_FIELDS: dict[str, MergeField] = {}


def register(*fields: MergeField) -> None:
    """Add words. A word neither from a path nor from the shop is read from the row's values."""
    for field in fields:
        MERGE_FIELDS[field.name] = field


register(
    MergeField(
        "customer_first_name",
        "The customer's first name",
        "Sam",
        path="customer__first_name",
        default="there",
    ),
    MergeField(
        "customer_last_name", "The customer's last name", "Taylor", path="customer__last_name"
    ),
    MergeField(
        "barber_first_name",
        "The customer's preferred barber",
        "Tony",
        path="customer__preferred_barber__first_name",
        default="your barber",
    ),
    MergeField("shop_name", "The shop's name", "Main Street Barbers", shop_attribute="name"),
    MergeField("shop_phone", "The shop's phone number", "+12125550100", shop_attribute="phone"),
    MergeField(
        "shop_address",
        "The shop's postal address",
        "1 Main Street, Springfield",
        shop_attribute="postal_address",
    ),
    MergeField(
        "booking_link",
        "Where to book; clicks are counted",
        "https://book.example.com/",
        shop_attribute="booking_url",
        is_link=True,
    ),
    MergeField(
        "unsubscribe_link",
        "The customer's own unsubscribe page",
        "https://shop.example.com/u/example/",
        is_link=True,
    ),
    MergeField("offer_code", "The customer's own code", "SUMMER-7K2Q"),
    MergeField("offer_discount", "What the offer is worth", "20%"),
    MergeField("offer_expires_on", "The last day of the offer", "June 30"),
    MergeField(
        "referral_link",
        "The customer's own link for friends",
        "https://shop.example.com/r/example/",
        is_link=True,
    ),
)


def validate(text: str) -> None:
    """Refuse words that nobody knows, and braces that would be sent as they stand.

    Raises:
        ValidationError: with the nearest known word, or all of them.
    """
    for match in FIELD.finditer(text):
        if match["name"] not in MERGE_FIELDS:
            raise ValidationError(_unknown(match["name"]), code="unknown_merge_field")
        if text[match.start() - 1 : match.start()] == "{" or text.startswith("}", match.end()):
            raise ValidationError(
                f"Two braces on each side are enough: write {{{{ {match['name']} }}}}.",
                code="malformed_merge_field",
            )
    rest = FIELD.sub("", text)
    if "{{" in rest or "}}" in rest or "{%" in rest:
        raise ValidationError(
            "A merge field is written {{ name }}; some braces here are not closed or hold "
            "something else.",
            code="malformed_merge_field",
        )


def _unknown(name: str) -> str:
    near = nearest(name, MERGE_FIELDS)
    hint = f"Did you mean {{{{ {near} }}}}?" if near else f"Known are: {', '.join(MERGE_FIELDS)}."
    return f"{{{{ {name[:60]} }}}} is not a merge field. {hint}"
