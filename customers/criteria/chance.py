"""The fact about nothing: a bucket drawn by lot that stays the same for each customer.

A hash in whole numbers that every database can work out (Carter and Wegman, "Universal classes of
hash functions", Journal of Computer and System Sciences 18, 1979)::

    bucket = ((a * (id mod p) + b) mod p) mod of + 1      p = 2**31 - 1, a prime

``a`` and ``b`` come from the salt, so two salts draw independently of each other. All products stay
below 2**62.
"""

import hashlib
from dataclasses import dataclass

from django.db.models import F, Q, Value
from django.db.models.lookups import In

from customers.criteria.errors import CriteriaError
from customers.criteria.registry import Fact, register_fact
from customers.criteria.values import (
    TEXT_SCHEMA,
    any_of,
    fields,
    list_schema,
    number,
    one_or_more,
    text,
)
from customers.criteria.view import View

PRIME = 2**31 - 1
MOST_BUCKETS = 100


@dataclass(frozen=True)
class Lot:
    buckets: tuple[int, ...]
    of: int
    salt: str = ""


def _parse(raw, path: str) -> Lot:
    readers = {
        "of": number(least=2, most=MOST_BUCKETS),
        "is": one_or_more(number(least=1, most=MOST_BUCKETS)),
        "salt": text,
    }
    like = '{"of": 10, "is": [1, 2], "salt": "spring"}'
    found = fields(raw, path, readers, like=like)
    for name in ("of", "is"):
        if name not in found:
            raise CriteriaError(path, f"Give {name} too, as in {like}.")
    if max(found["is"]) > found["of"]:
        raise CriteriaError(f"{path}.is", f"The buckets are 1 to {found['of']}.")
    return Lot(found["is"], found["of"], found.get("salt", ""))


def _factors(salt: str) -> tuple[int, int]:
    digest = hashlib.sha256(salt.encode()).digest()
    first, second = int.from_bytes(digest[:8]), int.from_bytes(digest[8:16])
    return 1 + first % (PRIME - 1), second % PRIME


def bucket(customer_id: int, *, of: int, salt: str = "") -> int:
    """The bucket, 1 to ``of``."""
    a, b = _factors(salt)
    return (a * (customer_id % PRIME) + b) % PRIME % of + 1


def _q(value: Lot, view: View) -> Q:
    a, b = _factors(value.salt)
    drawn = ((F("pk") % Value(PRIME)) * Value(a) + Value(b)) % Value(PRIME) % Value(value.of)
    return Q(In(drawn, [number - 1 for number in value.buckets]))


def _found(value: Lot, customer, *, now) -> str:
    return f"bucket {bucket(customer.pk, of=value.of, salt=value.salt)} of {value.of}"


def _sentence(value: Lot, names) -> str:
    drawn = f' drawn for "{value.salt}"' if value.salt else ""
    return f"who are in random bucket {any_of(value.buckets)} of {value.of}{drawn}"


register_fact(
    Fact(
        name="random_bucket",
        group="Selection",
        description="Drawn by lot into one of `of` buckets, 1 to `of`; the same each time, and "
        "independent for each `salt`.",
        parse=_parse,
        q=_q,
        sentence=_sentence,
        found=_found,
        schema={
            "type": "object",
            "properties": {
                "of": {"type": "integer", "minimum": 2, "maximum": MOST_BUCKETS},
                "is": list_schema({"type": "integer", "minimum": 1, "maximum": MOST_BUCKETS}),
                "salt": TEXT_SCHEMA,
            },
            "required": ["of", "is"],
            "additionalProperties": False,
        },
        example={"of": 10, "is": [1, 2], "salt": "spring"},
    )
)
