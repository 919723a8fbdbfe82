"""In which language a message, or a page that needs no sign-in, speaks."""

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import get_language_from_request

from customers.disclosures import LANGUAGES, spoken

# The word on which a reader clicks to get no more emails.
UNSUBSCRIBE = {"en": "Unsubscribe", "es": "Darse de baja", "fr": "Se désabonner"}
# In GSM-7: nobody pays for a notice with shorter parts.
HOW_TO_STOP = {
    "en": "Reply STOP to opt out.",
    "es": "Responda STOP para darse de baja.",
    "fr": "R\xe9pondez STOP pour ne plus rien recevoir.",
}

YOUR_CODE = {"en": "Your code", "es": "Su código", "fr": "Votre code"}
UNTIL = {"en": "Until", "es": "Hasta el", "fr": "Jusqu'au"}
FREE_TIMES = {
    "en": "Next free times",
    "es": "Próximos horarios libres",
    "fr": "Prochains créneaux libres",
}
WEBSITE = {"en": "Website", "es": "Sitio web", "fr": "Site web"}


def of_person(known: str, *, shop) -> str:
    """The language in which a shop writes to somebody: his, if we speak it; else its own."""
    is_ours = known.lower().replace("_", "-").split("-")[0] in LANGUAGES
    return spoken(known if is_ours else shop.language)


def choose(request, *, known: str = "", shop) -> str:
    """What was asked for; else what is known of the person; else the browser's, or the shop's.

    Args:
        known: the language that the customer has given, if any.
    """
    asked = _posted(request) or request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    if known:
        return spoken(known)
    if request.headers.get("Accept-Language"):
        return spoken(get_language_from_request(request))
    return spoken(shop.language)


def _posted(request) -> str:
    """What the form says; nothing where the body is none, which must not keep anybody in."""
    try:
        return request.POST.get("lang", "")
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        return ""


def names() -> dict[str, str]:
    """Every language there is, in its own words."""
    return {code: name for code, name in settings.LANGUAGES if code in LANGUAGES}
