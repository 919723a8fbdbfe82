"""What a run of sending means for the rules that every message passes."""

from dataclasses import dataclass

from communications.models import Dispatch
from customers.channels import Channel

Kind = Dispatch.Kind


@dataclass(frozen=True)
class Terms:
    """Of a dispatch, or of a campaign that has none yet.

    Attributes:
        is_cap_exempt: the shop's own frequency cap does not count; the law's does.
        excludes_booked: nobody who has an appointment coming up.
        excludes_visited_days: nobody who was here within so many days.
    """

    kind: str = Kind.MARKETING
    is_cap_exempt: bool = False
    excludes_booked: bool = False
    excludes_visited_days: int | None = None

    @classmethod
    def of(cls, dispatch: Dispatch) -> "Terms":
        return cls(
            kind=dispatch.kind,
            is_cap_exempt=dispatch.is_cap_exempt,
            excludes_booked=dispatch.excludes_booked,
            excludes_visited_days=dispatch.excludes_visited_days,
        )

    @property
    def is_marketing(self) -> bool:
        return self.kind == Kind.MARKETING

    def has_hours(self, channel: str) -> bool:
        """Whether quiet hours hold: for marketing texts alone. An email may be read later, and a
        reminder or a confirmation is no solicitation (47 CFR 64.1200(c)(1))."""
        return self.is_marketing and channel == Channel.SMS

    def has_caps(self, channel: str) -> bool:
        """Whether some frequency cap may hold: the shop's, or for texts the law's."""
        return self.is_marketing and (channel == Channel.SMS or not self.is_cap_exempt)
