"""The words an owner may write in double braces, and where their values come from.

``{{ customer_first_name }}`` or, with a fallback of his own,
``{{ customer_first_name | default: "friend" }}``; more in ``docs/templates.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Expression

from communications import languages, liquid, offer_words, visit_facts
from communications.visit_facts import Person, Reader


@dataclass(frozen=True)
class MergeField:
    """One word.

    Attributes:
        path: look-up from the customer, such as ``preferred_barber__first_name``.
        expression: where a look-up does not do: from the person to what one query reads for him.
        needs: look-ups from the customer that ``write`` reads besides.
        write: from what was read, the whole row and its reader to a text, a number or nothing.
        write_given: the same for what the row's values hold, where that has no language yet.
        shop_attribute: attribute of the shop: the same for everybody in a dispatch.
        default: used when the value is empty and the text names no fallback.
        is_link: the value is an address and becomes a link in HTML.
        is_own_page: a link to a page of ours, whose address nothing can be added to.
        is_number: it can be compared with numbers.
        is_hidden: not for owners; blocks and the words that the law asks for use it.
        is_wording: our own words in the reader's language, in a test too.
    """

    name: str
    description: str
    example: str
    path: str = ""
    expression: Callable[[Person], Expression] | None = None
    needs: tuple[str, ...] = ()
    write: Callable[[Any, Mapping, Reader], str | int | None] | None = None
    write_given: Callable[[str, Mapping, Reader], str] | None = None
    shop_attribute: str = ""
    default: str = ""
    is_link: bool = False
    is_own_page: bool = False
    is_number: bool = False
    is_hidden: bool = False
    is_wording: bool = False

    @cached_property
    def column(self) -> str:
        """Where a row holds what was read; see ``recipient_rows``."""
        if self.expression:
            return f"fact_{self.name}"
        return f"customer__{self.path}" if self.path else ""

    @property
    def is_of_people(self) -> bool:
        """What it says is known of the reader: no words of the owner's, nor his shop's."""
        return bool((self.path or self.expression or self.write) and not self.is_wording)

    @property
    def sample(self) -> str | int:
        """The example as a value."""
        return int(self.example) if self.is_number else self.example


MERGE_FIELDS: dict[str, MergeField] = {}


def _wording(name: str, description: str, words: Mapping[str, str]) -> MergeField:
    """Our own words, by language."""
    return MergeField(
        name,
        description,
        words["en"],
        path="language",
        write=lambda found, row, reader: words[reader.language(row)],
        is_hidden=True,
        is_wording=True,
    )


def register(*fields: MergeField) -> None:
    """Add words. A word neither from a path nor from the shop is read from the row's values."""
    for field in fields:
        MERGE_FIELDS[field.name] = field


register(
    MergeField(
        "customer_first_name",
        "The customer's first name",
        "Sam",
        path="first_name",
        default="there",
    ),
    MergeField("customer_last_name", "The customer's last name", "Taylor", path="last_name"),
    MergeField(
        "customer_birthday_month",
        "The month of the customer's birthday",
        "May",
        path="birth_month",
        needs=("language",),
        write=visit_facts.month_name,
    ),
    MergeField(
        "visit_count",
        "How many visits the customer has completed",
        "10",
        expression=visit_facts.count,
        write=lambda found, row, reader: found or 0,
        is_number=True,
    ),
    MergeField(
        "last_visit_on",
        "The day of the last visit",
        "Oct. 20, 2026",
        expression=visit_facts.last("starts_at"),
        needs=("language",),
        write=visit_facts.day,
    ),
    MergeField(
        "days_since_last_visit",
        "Days since the last visit",
        "33",
        expression=visit_facts.last("starts_at"),
        write=visit_facts.days_since,
        is_number=True,
    ),
    MergeField(
        "last_service_name",
        "What was done at the last visit",
        "Skin fade",
        expression=visit_facts.last("service__name"),
    ),
    MergeField(
        "last_barber_first_name",
        "Who did it at the last visit",
        "Tony",
        expression=visit_facts.last("barber__first_name"),
    ),
    MergeField(
        "next_visit_at",
        "Day and time of the next booking",
        "Tuesday, November 24, 10 a.m.",
        expression=visit_facts.next_start,
        needs=("language",),
        write=visit_facts.moment,
    ),
    MergeField(
        "barber_first_name",
        "The customer's preferred barber",
        "Tony",
        path="preferred_barber__first_name",
        default="your barber",
    ),
    MergeField(
        "barber_openings",
        "The next three free times of the preferred barber, or else of the shop",
        "Tue 10:00, Tue 14:30, Wed 9:30",
        needs=("preferred_barber_id", "language"),
        write=visit_facts.times(3),
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
        "shop_website",
        "The shop's website",
        "https://www.example.com/",
        shop_attribute="website_url",
        is_link=True,
    ),
    MergeField(
        "booking_link",
        "Where to book; clicks are counted",
        "https://book.example.com/",
        shop_attribute="booking_url",
        is_link=True,
        is_own_page=True,
    ),
    MergeField(
        "review_link",
        "Where customers may leave a review",
        "https://review.example.com/",
        shop_attribute="review_url",
        is_link=True,
    ),
    MergeField(
        "unsubscribe_link",
        "The customer's own unsubscribe page",
        "https://shop.example.com/u/example/",
        is_link=True,
        is_own_page=True,
    ),
    MergeField("offer_code", "The customer's own code", "SUMMER-7K2Q"),
    MergeField("offer_discount", "What the offer is worth", "20%"),
    MergeField(
        "offer_expires_on",
        "The last day of the offer",
        "June 30",
        needs=("language",),
        write_given=offer_words.last_day,
    ),
    MergeField(
        "offer_in_words",
        "The whole phrase, whatever the offer is",
        "20% off",
        needs=("language",),
        write_given=offer_words.in_words,
    ),
    MergeField(
        "referral_link",
        "The customer's own link for friends",
        "https://shop.example.com/r/example/",
        is_link=True,
        is_own_page=True,
    ),
    _wording(
        "unsubscribe_word", "The word before or on the way to unsubscribe", languages.UNSUBSCRIBE
    ),
    _wording("how_to_stop", "How to get no more texts", languages.HOW_TO_STOP),
    _wording("your_code_word", "The words before a code", languages.YOUR_CODE),
    _wording("until_word", "The word before the last day of an offer", languages.UNTIL),
    _wording("free_times_word", "The words above free times", languages.FREE_TIMES),
    _wording("website_word", "The word that leads to the shop's website", languages.WEBSITE),
    *(
        MergeField(
            f"barber_openings_{number}",
            f"The next {number} free times",
            ", ".join(["Tue 10:00", "Tue 14:30", "Wed 9:30", "Thu 16:00"][:number]),
            needs=("preferred_barber_id", "language"),
            write=visit_facts.times(number),
            is_hidden=True,
        )
        for number in range(1, visit_facts.MOST_TIMES + 1)
    ),
)


def public() -> dict[str, MergeField]:
    """The words that an owner may use, in the order of the manual."""
    return {name: field for name, field in MERGE_FIELDS.items() if not field.is_hidden}


def validate(text: str, *, is_html: bool = False) -> list[liquid.Token]:
    """Refuse words that nobody knows, and braces that would be sent as they stand.

    Raises:
        ValidationError: with the nearest known word, or all of them; and with the line where
            there are several.
    """
    try:
        return liquid.check(text, known=public(), is_html=is_html)
    except liquid.TemplateError as error:
        place = f"Line {error.line}: " if "\n" in text.strip("\n") else ""
        raise ValidationError(place + error.message, code="template_error") from error


def names_in(text: str) -> frozenset[str]:
    """The merge fields in a text, in conditions too, known or not."""
    return liquid.names_in(text)
