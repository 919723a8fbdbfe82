"""Which tables hold something about a person: what is shown to him, and what an erasure does.

A lower floor cannot know the tables above it, so every app declares its own in its module
``personal_data`` when it is ready. Each column is either personal (``emptied``) or stands under a
reason why it may stay (``Why``); ``problems`` names those that nobody has thought about.
"""

from barbershop.personal_data.person import Person, quoting, strike_out
from barbershop.personal_data.registry import (
    GONE,
    Table,
    Why,
    before_erasure,
    declare,
    empty,
    erased_addresses,
    holders,
    is_erased_address,
    prepare_erasure,
    problems,
    tables,
)

__all__ = [
    "GONE",
    "Person",
    "Table",
    "Why",
    "before_erasure",
    "declare",
    "empty",
    "erased_addresses",
    "holders",
    "is_erased_address",
    "prepare_erasure",
    "problems",
    "quoting",
    "strike_out",
    "tables",
]
