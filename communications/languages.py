"""In which language a page that needs no sign-in speaks."""

from django.conf import settings
from django.utils.translation import get_language_from_request

from customers.disclosures import LANGUAGES, spoken


def choose(request, *, known: str = "", shop) -> str:
    """What was asked for; else what is known of the person; else the browser's, or the shop's.

    Args:
        known: the language that the customer has given, if any.
    """
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    if known:
        return spoken(known)
    if request.headers.get("Accept-Language"):
        return spoken(get_language_from_request(request))
    return spoken(shop.language)


def names() -> dict[str, str]:
    """Every language there is, in its own words."""
    return {code: name for code, name in settings.LANGUAGES if code in LANGUAGES}
