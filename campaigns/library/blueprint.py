"""What a ready campaign is made of."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One message of a blueprint, ``delay_days`` after whatever starts it.

    ``channels`` has the form that ``campaigns.content`` parses. ``sms`` may be absent.
    """

    name: str
    delay_days: int
    channels: dict

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
