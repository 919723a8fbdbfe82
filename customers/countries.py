"""Who lives where marketing email needs consent, whatever the shop's own country asks.

A customer's number says in which country he has his phone; there is nothing else that says so.
"""

from functools import cache

import phonenumbers
from django.db.models import Q
from django.db.models.functions import Left
from django.db.models.lookups import In

# Marketing email without prior consent is lawful in the United States to somebody who has not
# opted out (CAN-SPAM, 15 USC 7704; as of 2026-11). Elsewhere the safe side is the default.
EMAIL_WITHOUT_CONSENT = frozenset({"US"})
_OF_THE_US = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})
_AREA = 5  # characters: +1 and an area code


@cache
def _areas_abroad() -> frozenset[str]:
    """``+1416`` and the others of North America that are another country's."""
    found = set()
    for area in range(200, 1000):
        number = phonenumbers.parse(f"+1{area}2222222", None)
        region = phonenumbers.region_code_for_number(number)
        if region and region not in _OF_THE_US:
            found.add(f"+1{area}")
    return frozenset(found)


def asks_for_consent(phone: str) -> bool:
    """Whether the country of this E.164 number wants consent before a marketing email."""
    return bool(phone) and (not phone.startswith("+1") or phone[:_AREA] in _areas_abroad())


def asking_for_consent() -> Q:
    """The customers whose number is of such a country."""
    north_american = Q(phone__startswith="+1")
    abroad = Q(In(Left("phone", _AREA), sorted(_areas_abroad())))
    return ~Q(phone="") & (~north_american | abroad)
