"""Filters and tags of the dashboard: money, rates, times, icons, states.

The filters are plain functions, so that Python code (charts, summaries) words things the same way.
"""

from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from barbershop.currencies import minor_digits

register = template.Library()

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
NOTHING = "\u2013"

CURRENCY_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$"}

# state: (word, icon, tone). Campaign and execution states share one vocabulary on screen.
STATES = {
    "draft": ("Draft", "draft", "plain"),
    "scheduled": ("Scheduled", "clock", "busy"),
    "active": ("Active", "active", "busy"),
    "preparing": ("Preparing", "preparing", "busy"),
    "testing": ("Testing", "chart", "busy"),
    "running": ("Sending", "sending", "busy"),
    "paused": ("Paused", "paused", "warn"),
    "done": ("Done", "done", "good"),
    "cancelled": ("Cancelled", "cancelled", "plain"),
    "failed": ("Failed", "failed", "bad"),
    "archived": ("Archived", "archived", "plain"),
}


@register.filter
def money(minor_units: int | None, currency: str = "USD") -> str:
    """Whole minor units in words: ``758|money:"USD"`` is ``$7.58``; ``None`` is a dash.

    Raises ``TypeError`` for anything but an integer: money never passes through a float.
    """
    if minor_units is None or minor_units == "":
        return NOTHING
    if not isinstance(minor_units, int) or isinstance(minor_units, bool):
        raise TypeError(f"money is counted in whole minor units, not {minor_units!r}")
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor_units), 10**digits)
    amount = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    symbol = CURRENCY_SYMBOLS.get(currency, f"{currency}{NO_BREAK_SPACE}")
    return f"{MINUS if minor_units < 0 else ''}{symbol}{amount}"


def short_money(minor_units: int, currency: str, language: str = "en") -> str:
    """Money in a sentence: ``$5``, ``$5.50``; in French, and of euros in Spanish, ``5,50 €``."""
    digits = minor_digits(currency)
    said = money(minor_units, currency)
    if digits and not minor_units % 10**digits:
        said = said.rpartition(".")[0]
    if language == "fr" or (language == "es" and currency == "EUR"):
        start = next(place for place, char in enumerate(said) if char.isdigit())
        symbol, number = said[:start].strip(), said[start:]
        number = number.translate({ord(","): NO_BREAK_SPACE, ord("."): ","})
        said = f"{number}{NO_BREAK_SPACE}{symbol}"
    return said


@register.filter
def percent(fraction: float | Decimal | None) -> str:
    """A fraction as a rate with one decimal: ``0.124`` is ``12.4 %``; ``None`` is a dash.

    What is not quite nothing or not quite everything never reads as 0 or 100.
    """
    if fraction is None or fraction == "":
        return NOTHING
    exact = Decimal(str(fraction)) * 100
    rounded = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if exact in (0, 100):
        text = f"{int(exact)}"
    elif rounded == 0:
        text = "<0.1" if exact > 0 else f">{MINUS}0.1"
    elif rounded == 100:
        text = ">99.9" if exact < 100 else "100.0"
    else:
        text = f"{rounded:,}".replace("-", MINUS)
    return f"{text}{NO_BREAK_SPACE}%"


@register.filter
def compact(number: float | None) -> str:
    """A count that fits a card: ``9,876``, ``12.3k``, ``4.5M``; ``None`` is a dash."""
    if number is None or number == "":
        return NOTHING
    for size, suffix in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        # 999,950 and more would be rounded up to 1000.0k.
        if abs(number) >= max(10_000, size * 0.99995):
            return f"{number / size:,.1f}".removesuffix(".0") + suffix
    return f"{number:,}"


@register.filter
def counted(number: int | None) -> str:
    """A whole count with its thousands apart: ``1234`` is ``1,234``; ``None`` is a dash."""
    return NOTHING if number is None or number == "" else f"{number:,}"


def _zone(zone: str | tzinfo | None) -> tzinfo:
    if not zone:
        return timezone.get_current_timezone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def moment_text(there: datetime) -> str:
    """A moment as every page writes it, in the zone that it is given in: ``23 Nov 2026, 09:00``."""
    return date_format(there, "j M Y, H:i")


@register.filter
def local_time(moment: datetime | None, zone: str | tzinfo | None = None) -> SafeString | str:
    """An aware datetime in the shop's zone, as a ``<time>`` that names the zone on hover."""
    if not moment:
        return NOTHING
    there = moment.astimezone(_zone(zone))
    return format_html(
        '<time class="num" datetime="{}" title="{}">{}</time>',
        there.isoformat(timespec="seconds"),
        f"{there.tzname()} ({there:%z})",
        moment_text(there),
    )


@register.filter
def local_date(moment: datetime | None, zone: str | tzinfo | None = None) -> SafeString | str:
    """The day of an aware datetime in the shop's zone, as a ``<time>``."""
    if not moment:
        return NOTHING
    there = moment.astimezone(_zone(zone))
    return format_html(
        '<time class="num" datetime="{}">{}</time>',
        there.date().isoformat(),
        date_format(there, "j M Y"),
    )


@register.filter
def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, in one unit: ``12 s ago``, ``5 min ago``, ``3 h ago``, ``2 d ago``."""
    seconds = max(0, int(((now or timezone.now()) - moment).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size}{NO_BREAK_SPACE}{unit} ago"
    return f"{seconds}{NO_BREAK_SPACE}s ago"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing from ``static/icons.svg``: decoration, unless a label gives it a name."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.inclusion_tag("components/_status_chip.html")
def status_chip(state: str, word: str = "") -> dict:
    """Word, icon and colour of a state; an unknown state shows its own name, plainly."""
    known_word, icon_name, tone = STATES.get(
        state, (str(state).replace("_", " ").capitalize(), "info", "plain")
    )
    return {"word": word or known_word, "icon_name": icon_name, "tone": tone}


@register.simple_tag
def bar(fraction: float | None, tone: str = "fill") -> SafeString:
    """A horizontal bar for a share of 0 to 1; decoration: the number stands beside it."""
    share = min(1.0, max(0.0, float(fraction or 0)))
    return format_html(
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="100%" rx="3"></rect>'
        '<rect class="{}" width="{}%" height="100%" rx="3"></rect></svg>',
        tone,
        f"{share * 100:.2f}".rstrip("0").rstrip("."),
    )


@register.simple_block_tag
def table_region(content: SafeString, label: str, cards: bool = False) -> SafeString:
    """Wrap a table: it scrolls inside a named region that the keyboard can reach.

    With ``cards`` its rows become cards on phones; the cells then need ``data-label``.
    """
    return format_html(
        '<div class="table-region{}" role="region" aria-label="{}" tabindex="0">{}</div>',
        " table-cards" if cards else "",
        label,
        content,
    )
