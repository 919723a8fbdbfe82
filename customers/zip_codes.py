"""Which ZIP codes lie in which state and time zones: data.

States by the first three digits, as the US Postal Service assigns them; time zones as in 49 CFR 71.
Put together on 2026-11-22 and not an official copy. Where three digits cross a border of time zones
all of them count, and a number's own zones and state are added to what is said here.
"""

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"

_PREFIXES = """
NY 005 063 100-149
PR 006-007 009
VI 008
MA 010-027 055
RI 028-029
NH 030-038
ME 039-049
VT 050-054 056-059
CT 060-069
NJ 070-089
PA 150-196
DE 197-199
DC 200 202-205 569
VA 201 220-246
MD 206-212 214-219
WV 247-268
NC 270-289
SC 290-299
GA 300-319 398-399
FL 320-339 341-342 344 346-347 349
AL 350-352 354-369
TN 370-385
MS 386-397
KY 400-427
OH 430-459
IN 460-479
MI 480-499
IA 500-516 520-528
WI 530-532 534-535 537-549
MN 550-551 553-567
SD 570-577
ND 580-588
MT 590-599
IL 600-620 622-629
MO 630-631 633-641 644-658
KS 660-662 664-679
NE 680-681 683-693
LA 700-701 703-708 710-714
AR 716-729
OK 730-731 734-741 743-749
TX 733 750-770 772-799 885
CO 800-816
WY 820-831
ID 832-838
UT 840-847
AZ 850-853 855-857 859-860 863-865
NM 870-871 873-875 877-884
NV 889-891 893-895 897-898
CA 900-908 910-928 930-961
HI 967-968
AS 96799
GU 969
OR 970-979
WA 980-986 988-994
AK 995-999
"""

# Soldiers and embassies abroad: their mail has a ZIP code, and they may be anywhere.
ABROAD = frozenset({"340", *(f"{n:03}" for n in (*range(90, 99), *range(962, 967)))})

_ZONE_OF_STATE = {
    zone: states.split()
    for zone, states in {
        _EASTERN: "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        _CENTRAL: "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        _MOUNTAIN: "CO ID MT NM UT WY",
        _PACIFIC: "CA NV OR WA",
        "America/Phoenix": "AZ",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Guam": "GU",
        "Pacific/Pago_Pago": "AS",
    }.items()
}

# Where a state's own zone is not the only one, by the first three digits.
_EXCEPTIONS = {
    (_EASTERN,): "374 376-379",
    (_CENTRAL,): "325 420 422-424 463-464 476-477",
    (_EASTERN, _CENTRAL): "324 368 373 421 425-427 465 475 479 498-499",
    (_MOUNTAIN,): "577 693 799 885",
    (_CENTRAL, _MOUNTAIN): "575-576 585-586 588 677-678 690-692 798",
    (_PACIFIC,): "838",
    (_MOUNTAIN, _PACIFIC): "835 898 979",
    ("America/Phoenix", _MOUNTAIN): "860 865",
    ("America/Anchorage", "America/Adak"): "995",
    ("Pacific/Guam", "Pacific/Palau", "Pacific/Chuuk", "Pacific/Kosrae", "Pacific/Majuro"): "969",
}


def state_and_zones(code: str) -> tuple[str, tuple[str, ...]]:
    """Of a ZIP or ZIP+4 code; ``("", ())`` for one that is not known."""
    digits = code.strip()[:5]
    if len(digits) < 5 or not (digits.isascii() and digits.isdigit()):
        return "", ()
    state = _STATE_OF.get(digits) or _STATE_OF.get(digits[:3], "")
    return state, (_ZONES_OF.get(digits[:3]) if state != "AS" else None) or _OWN_ZONE.get(state, ())


def _spread(ranges: str) -> list[str]:
    found = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        found += [f"{n:0{len(first)}}" for n in range(int(first), int(last or first) + 1)]
    return found


_STATE_OF = {
    code: row.split()[0]
    for row in _PREFIXES.split("\n")
    if row
    for code in _spread(row.partition(" ")[2])
}
_ZONES_OF = {code: zones for zones, ranges in _EXCEPTIONS.items() for code in _spread(ranges)}
_OWN_ZONE = {state: (zone,) for zone, states in _ZONE_OF_STATE.items() for state in states}
