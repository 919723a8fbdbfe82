"""What a ready campaign is made of."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One message of a blueprint, ``delay_days`` after whatever starts it.

    Attributes:
        channels: in the form that ``campaigns.content`` parses; ``sms`` or ``email`` may be absent.
        variations: other words for some people, as ``CampaignVariant.variations``.
    """

    name: str
    delay_days: int
    channels: dict
    variations: tuple[dict, ...] = ()

    @property
    def campaign_type(self) -> str:
        return "multi" if len(self.channels) > 1 else next(iter(self.channels))


@dataclass(frozen=True)
class Blueprint:
    """A ready campaign, or series of them.

    Attributes:
        criteria: whom it suits, in the language of ``customers.criteria``.
        discount_percent, valid_days: the offer its words speak of, or none.
    """

    key: str
    name: str
    category: str
    description: str
    primary_goal: str
    steps: tuple[Step, ...]
    criteria: dict = field(default_factory=dict)
    discount_percent: int | None = None
    valid_days: int | None = None


def email(subject: str, *blocks: dict, preheader: str = "") -> dict:
    """An email of blocks."""
    said = {"subject": subject, "blocks": list(blocks), "personalization": True}
    return said | ({"preheader": preheader} if preheader else {})


def sms(message: str) -> dict:
    return {"message": message, "personalization": True}


def text(words: str) -> dict:
    return {"type": "text", "text": words}


def heading(words: str) -> dict:
    return {"type": "heading", "text": words}


def button(label: str, url: str = "{{ booking_link }}") -> dict:
    return {"type": "button", "label": label, "url": url}


OFFER = {"type": "offer"}
# One part, with a tracked link: there is no room for more than what the offer is.
OFFER_TEXT = sms(
    "{{ shop_name }}: {{ offer_in_words }} until {{ offer_expires_on | date: '%b %e' }} with "
    "{{ offer_code }}: {{ booking_link }} Reply STOP to end"
)
DIVIDER = {"type": "divider"}
OPENINGS = {"type": "openings", "count": 3}


def spanish(**channels: dict) -> dict:
    """A variation for people who speak Spanish."""
    return {"name": "Spanish", "criteria": {"language": "es"}, "channels": channels}
