"""Everything about one person and one message: "why we texted this number"."""

from campaigns.passport.access import may_see
from campaigns.passport.facts import NotHis, of

__all__ = ["NotHis", "may_see", "of"]
