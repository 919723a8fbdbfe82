"""How many digits a currency's minor unit stands for."""

# ISO 4217, list one: the currencies whose minor unit is not a hundredth.
MINOR_DIGITS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
            *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

MICROS_PER_UNIT = 1_000_000


def minor_digits(currency: str) -> int:
    """2 for a dollar (100 cents), 0 for a yen, 3 for a dinar."""
    return MINOR_DIGITS.get(currency, 2)


def minor_units(micros: int, currency: str) -> int:
    """Millionths of the currency unit in whole minor units, halves rounded up.

    1 US cent is 10,000 micros, 1 yen is 1,000,000.
    """
    size = MICROS_PER_UNIT // 10 ** minor_digits(currency)
    return (2 * micros + size) // (2 * size)
