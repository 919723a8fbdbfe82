"""Who lives where marketing email needs consent, whatever the shop's own country asks.

Nothing says for certain where somebody lives. His number, the zone and the postal code that he gave
each may say: not here. One that does is enough; five digits may be a ZIP code or a German one, so
they say nothing.
"""

import re
import zoneinfo
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


# The zones of the United States and of what belongs to them, with their older names, as the time
# zone database has them (zone.tab and backward; as of 2026-11).
_NAMES = """
EST EST5EDT CST6CDT MST MST7MDT PST8PDT HST Navajo

America/Adak America/Anchorage America/Atka America/Boise America/Chicago America/Denver
America/Detroit America/Fort_Wayne America/Indianapolis America/Indiana/Indianapolis
America/Indiana/Knox America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Tell_City
America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Juneau
America/Kentucky/Louisville America/Kentucky/Monticello America/Knox_IN America/Los_Angeles
America/Louisville America/Menominee America/Metlakatla America/New_York America/Nome
America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem
America/Phoenix America/Puerto_Rico America/Shiprock America/Sitka America/St_Thomas
America/Virgin America/Yakutat

Pacific/Guam Pacific/Honolulu Pacific/Johnston Pacific/Midway Pacific/Pago_Pago Pacific/Saipan
Pacific/Samoa Pacific/Wake

US/Alaska US/Aleutian US/Arizona US/Central US/East-Indiana US/Eastern US/Hawaii
US/Indiana-Starke US/Michigan US/Mountain US/Pacific US/Samoa
"""
_ZONES_OF_THE_US = frozenset(_NAMES.split())
_NO_PLACE = " Factory GMT GMT+0 GMT-0 GMT0 Greenwich UCT UTC Universal Zulu localtime"
_OF_NO_PLACE = frozenset(_NO_PLACE.split(" "))  # the empty one too
# A till may have lost the zeros at the front: 02134 is 2134, 00501 is 501.
_ZIP_OF_THE_US = r"^[0-9]{3,5}([- ]?[0-9]{4})?$"


@cache
def _zones_that_tell_nothing() -> frozenset[str]:
    nowhere = {name for name in zoneinfo.available_timezones() if name.startswith("Etc/")}
    return _ZONES_OF_THE_US | _OF_NO_PLACE | nowhere


def asks_for_consent(*, phone: str = "", timezone: str = "", zip: str = "") -> bool:
    """Whether one of these is of a country that wants consent before a marketing email.

    Args:
        phone: E.164.
        timezone: an IANA name.
        zip: of any country.
    """
    if phone and (not phone.startswith("+1") or phone[:_AREA] in _areas_abroad()):
        return True
    if timezone not in _zones_that_tell_nothing():
        return True
    return bool(zip) and re.search(_ZIP_OF_THE_US, zip) is None


def asking_for_consent() -> Q:
    """The customers of whom ``asks_for_consent`` is true."""
    north_american = Q(phone__startswith="+1")
    abroad = Q(In(Left("phone", _AREA), sorted(_areas_abroad())))
    by_phone = ~Q(phone="") & (~north_american | abroad)
    by_zone = ~Q(timezone__in=sorted(_zones_that_tell_nothing()))
    by_zip = ~Q(zip="") & ~Q(zip__regex=_ZIP_OF_THE_US)
    return by_phone | by_zone | by_zip
