"""The words under which people opt in, by channel and language, each with a version and a date.

What is shown is what is stored: a page shows ``shown(...).text`` and hands the same object to the
verb that records the opt-in. Whoever changes a text gives it a new date; opt-ins from before keep
the words that were shown then, because every entry holds its own.

The texts were written after 47 CFR 64.1200(f)(9) (prior express written consent: who may send,
that it is advertising by automated texts, to which number, that nothing has to be bought for it,
signed by the act of the person) and the carriers' rules for texts (frequency, message and data
rates, STOP and HELP). A lawyer has to confirm them before a shop uses them (docs/consent.md).
"""

from dataclasses import dataclass

from customers.channels import Channel

LANGUAGES = ("en", "es", "fr")


@dataclass(frozen=True)
class Disclosure:
    """One text as one person reads it.

    Attributes:
        version: channel, date of the text and language, such as ``sms/2026-11-22/en``.
    """

    channel: str
    language: str
    version: str
    text: str


# (channel, language): (date, text). ``{shop}`` is the shop's name.
_TEXTS = {
    (Channel.SMS, "en"): (
        "2026-11-22",
        "By ticking this box and sending this form I sign and agree that {shop} may send me "
        "recurring automated marketing text messages, such as offers and reminders to book, at "
        "the mobile number I gave. Consent is not a condition of any purchase. Message frequency "
        "varies. Message and data rates may apply. Reply STOP to opt out at any time, HELP for "
        "help.",
    ),
    (Channel.SMS, "es"): (
        "2026-11-22",
        "Al marcar esta casilla y enviar este formulario, firmo y acepto que {shop} me envíe "
        "mensajes de texto publicitarios automatizados y periódicos, como ofertas y "
        "recordatorios para reservar, al número de móvil que he indicado. El consentimiento no "
        "es condición para ninguna compra. La frecuencia de los mensajes varía. Pueden aplicarse "
        "tarifas de mensajes y datos. Responda STOP para darse de baja en cualquier momento, "
        "HELP para obtener ayuda.",
    ),
    (Channel.SMS, "fr"): (
        "2026-11-22",
        "En cochant cette case et en envoyant ce formulaire, je signe et j'accepte que {shop} "
        "m'envoie régulièrement des SMS publicitaires automatisés, comme des offres et des "
        "rappels de rendez-vous, au numéro de mobile que j'ai indiqué. Ce consentement n'est la "
        "condition d'aucun achat. La fréquence des messages varie. Des frais de messages et de "
        "données peuvent s'appliquer. Répondez STOP pour ne plus rien recevoir, à tout moment, "
        "HELP pour de l'aide.",
    ),
    (Channel.EMAIL, "en"): (
        "2026-11-22",
        "I agree that {shop} may send me marketing emails, such as offers and news, at the "
        "address I gave. Consent is not a condition of any purchase. Every email has a link to "
        "unsubscribe at any time.",
    ),
    (Channel.EMAIL, "es"): (
        "2026-11-22",
        "Acepto que {shop} me envíe correos publicitarios, como ofertas y novedades, a la "
        "dirección que he indicado. El consentimiento no es condición para ninguna compra. Cada "
        "correo tiene un enlace para darse de baja en cualquier momento.",
    ),
    (Channel.EMAIL, "fr"): (
        "2026-11-22",
        "J'accepte que {shop} m'envoie des e-mails publicitaires, comme des offres et des "
        "nouvelles, à l'adresse que j'ai indiquée. Ce consentement n'est la condition d'aucun "
        "achat. Chaque e-mail contient un lien pour se désabonner à tout moment.",
    ),
}


def spoken(language: str) -> str:
    """The nearest language there is a text in: ``es-MX`` is ``es``, an unknown one English."""
    short = (language or "").lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else LANGUAGES[0]


def shown(*, shop, channel: str, language: str) -> Disclosure:
    """The text for one shop, channel and language."""
    language = spoken(language)
    date, text = _TEXTS[Channel(channel), language]
    return Disclosure(
        channel=str(channel),
        language=language,
        version=f"{channel}/{date}/{language}",
        # Not ``format``: a name may hold braces.
        text=text.replace("{shop}", shop.name),
    )
