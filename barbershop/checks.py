"""What ``manage.py check`` says about this installation, each with what to do about it."""

from django.conf import settings
from django.core import checks

from barbershop.env_values import is_loopback

NEEDED = (
    (
        "barbershop.W001",
        "SENDGRID_API_KEY",
        "No email can be sent.",
        "Set it to a key of SendGrid with the permission Mail Send.",
    ),
    (
        "barbershop.W002",
        "SENDGRID_FROM_EMAIL",
        "Emails would come from noreply@localhost.",
        "Set it to an address of a domain that is authenticated at the provider.",
    ),
    (
        "barbershop.W004",
        "TWILIO_ACCOUNT_SID",
        "No text message can be sent.",
        "Set it to the account SID of Twilio's console.",
    ),
    (
        "barbershop.W006",
        "TWILIO_PHONE_NUMBER",
        "No text message can be sent.",
        "Set it to a number of the account, such as +12125550123.",
    ),
    (
        "barbershop.W008",
        "TWILIO_REGISTRATION",
        "No campaign sends texts from the installation's own number.",
        "Register the number at Twilio, set this to the id of its A2P 10DLC campaign or toll-free "
        "verification.",
    ),
)
# Of a provider that is in use, and could not report back. While such a key is
# missing, nobody's STOP, unsubscribe, bounce or complaint is heard: an error, not a warning.
REPORTING = (
    (
        "barbershop.E001",
        "SENDGRID_WEBHOOK_PUBLIC_KEYS",
        "SENDGRID_API_KEY",
        "Every email event is answered with 503: bounces and complaints stay unknown.",
        "At SendGrid open Settings, Mail Settings, Event Webhooks, switch on the signed webhook to "
        "/webhooks/sendgrid/ and set this to its verification key; several between commas.",
    ),
    (
        "barbershop.E002",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_ACCOUNT_SID",
        "No text can be sent, and every SMS webhook is answered with 503: STOP is not heard.",
        "Set it to the auth token of the account in Twilio's console.",
    ),
    (
        "barbershop.E003",
        "SENDGRID_INBOUND_SECRET",
        "SENDGRID_INBOUND_DOMAIN",
        "Every email to the address in List-Unsubscribe is answered with 503: whoever asks there "
        "to be left alone is not heard.",
        "Set it to at least 16 random letters and digits, and let SendGrid's Inbound Parse post to "
        "/webhooks/sendgrid/inbound/?secret=... with it; or empty SENDGRID_INBOUND_DOMAIN.",
    ),
)


def register() -> None:
    """Called once, when the app is ready."""
    checks.register(providers_are_set, deploy=True)
    checks.register(reports_can_be_verified, deploy=True)
    checks.register(addresses_are_public, deploy=True)


def providers_are_set(app_configs=None, **kwargs) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{name} is not set. {consequence}", hint=hint, id=check_id)
        for check_id, name, consequence, hint in NEEDED
        if not getattr(settings, name)
    ]


def reports_can_be_verified(app_configs=None, **kwargs) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"{name} is not set, though {provider} is. {consequence}", hint=hint, id=check_id
        )
        for check_id, name, provider, consequence, hint in REPORTING
        if getattr(settings, provider) and not getattr(settings, name)
    ]


def addresses_are_public(app_configs=None, **kwargs) -> list[checks.CheckMessage]:
    """Links in messages must lead somewhere from outside, over https."""
    if settings.DEMO:
        return []
    found = []
    if is_loopback(settings.PUBLIC_BASE_URL) or not settings.PUBLIC_BASE_URL.startswith("https"):
        found.append(
            checks.Warning(
                f"PUBLIC_BASE_URL is {settings.PUBLIC_BASE_URL}: unsubscribe links and webhooks "
                "do not work from outside.",
                hint="Set it to the https address that customers and providers reach.",
                id="barbershop.W007",
            )
        )
    if not settings.REDIS_URL:
        found.append(
            checks.Info(
                "REDIS_URL is not set: workers share a folder on this machine as their queue.",
                hint="Set REDIS_URL to run workers on several machines.",
                id="barbershop.I001",
            )
        )
    return found
