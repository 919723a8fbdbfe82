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
        "barbershop.W003",
        "SENDGRID_WEBHOOK_PUBLIC_KEYS",
        "Every email event is refused: deliveries, opens and unsubscribes stay unknown.",
        "Set it to the verification key of SendGrid's signed event webhook.",
    ),
    (
        "barbershop.W004",
        "TWILIO_ACCOUNT_SID",
        "No text message can be sent.",
        "Set it to the account SID of Twilio's console.",
    ),
    (
        "barbershop.W005",
        "TWILIO_AUTH_TOKEN",
        "No text message can be sent, and every SMS webhook is refused: STOP replies too.",
        "Set it to the auth token of Twilio's console.",
    ),
    (
        "barbershop.W006",
        "TWILIO_PHONE_NUMBER",
        "No text message can be sent.",
        "Set it to a number of the account, such as +12125550123.",
    ),
)


def register() -> None:
    """Called once, when the app is ready."""
    checks.register(providers_are_set, deploy=True)
    checks.register(addresses_are_public, deploy=True)


def providers_are_set(app_configs=None, **kwargs) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{name} is not set. {consequence}", hint=hint, id=check_id)
        for check_id, name, consequence, hint in NEEDED
        if not getattr(settings, name)
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
