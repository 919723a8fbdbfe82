"""Through which provider account a shop sends, as whom, and how fast each may go."""

from django.conf import settings
from django.db.models import F, Min, Q, QuerySet

from communications.channels import Sender
from communications.models import ProviderAccount, SenderIdentity
from customers.channels import Channel

Provider = ProviderAccount.Provider

PROVIDER_OF = {Channel.EMAIL: Provider.SENDGRID, Channel.SMS: Provider.TWILIO}
INSTALLATION = "default"  # the name of the account that every shop may use


def account_for(*, shop, channel: str) -> ProviderAccount:
    """The account of the shop's default sender, else the shop's own, else the installation's.

    Asked anew each time: what an operator changes (a rate, "try again now") counts at once.
    An account that is switched off is still the sender's: its number works nowhere else, so the
    messages wait for it (``breaker.permits``).
    """
    provider = PROVIDER_OF[channel]
    identity = _default_identities(shop, channel).select_related("account").first()
    if identity and identity.account and identity.account.provider == provider:
        return identity.account
    usable = Q(shop=shop, is_active=True) | Q(shop=None, name=INSTALLATION)
    accounts = ProviderAccount.objects.filter(usable, provider=provider)
    own_first = accounts.order_by(F("shop").asc(nulls_last=True), "pk")
    return own_first.first() or _installation(provider)


def _installation(provider: str) -> ProviderAccount:
    """Of several processes that miss it at once, one makes it and all get that one."""
    account, _ = ProviderAccount.objects.get_or_create(
        shop=None, provider=provider, name=INSTALLATION
    )
    return account


def sender_for(*, shop, channel: str) -> Sender:
    """Who the shop writes as: its own identity, else the installation's."""
    identity = _default_identities(shop, channel).first()
    if identity:
        return Sender(identity.address, identity.name or shop.name)
    if channel == Channel.SMS:
        return Sender(settings.TWILIO_PHONE_NUMBER)
    return Sender(settings.SENDGRID_FROM_EMAIL, settings.SENDGRID_FROM_NAME or shop.name)


def registration_of(*, shop) -> str:
    """Under what the carriers know the number that the shop texts from; "" when nobody wrote it."""
    identity = _default_identities(shop, Channel.SMS).first()
    if identity and identity.address != settings.TWILIO_PHONE_NUMBER:
        return identity.registration.strip()
    own = identity.registration.strip() if identity else ""
    return own or settings.TWILIO_REGISTRATION


def _default_identities(shop, channel: str) -> QuerySet[SenderIdentity]:
    """One at most: the database keeps a second default out."""
    return SenderIdentity.objects.filter(shop=shop, channel=channel, is_default=True)


def messages_per_second(account: ProviderAccount) -> float | None:
    """What the account may send; None when nobody limits it.

    The settings speak for the installation's own accounts, and a figure in admin overrules them.
    """
    if account.messages_per_second is not None or account.shop_id is not None:
        return account.messages_per_second
    return {
        Provider.SENDGRID: settings.SENDGRID_MESSAGES_PER_SECOND,
        Provider.TWILIO: settings.TWILIO_MESSAGES_PER_SECOND,
    }[account.provider]


def sender_per_second(account: ProviderAccount, address: str) -> float | None:
    """What one sender of the account may send; where shops share it, the lowest figure counts."""
    channel = next(name for name, provider in PROVIDER_OF.items() if provider == account.provider)
    without_account = Q(account=None)
    if account.shop_id is not None:
        without_account &= Q(shop=account.shop_id)
    identities = SenderIdentity.objects.filter(
        Q(account=account) | without_account, channel=channel, address=address
    )
    return identities.aggregate(lowest=Min("messages_per_second"))["lowest"]
