"""Provider accounts, senders, how fast they may go and what they charge."""

from django.core.validators import MinValueValidator
from django.db import models

from barbershop.models import ShopOwned, Stamped, one_of
from customers.channels import Channel


class Provider(models.TextChoices):
    SENDGRID = "sendgrid", "SendGrid"
    TWILIO = "twilio", "Twilio"


class ProviderAccount(Stamped):
    """Credentials at one provider. Without a shop it is the installation's own, from settings."""

    Provider = Provider

    shop = models.ForeignKey(
        "barbershop.Barbershop", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    provider = models.CharField(max_length=20, choices=Provider.choices)
    name = models.CharField(max_length=80)
    secret = models.TextField(blank=True, help_text="Encrypted; never shown.")
    is_active = models.BooleanField(default=True)
    messages_per_second = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0.01)], help_text="None: no limit."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row; breaks at five.")
    open_until = models.DateTimeField(null=True, blank=True, help_text="Breaker: no call before.")

    class Meta:
        db_table = "provider_accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "provider", "name"], name="provider_account_name_once_per_shop"
            ),
            models.UniqueConstraint(
                fields=["provider", "name"],
                condition=models.Q(shop=None),
                name="provider_account_name_once_for_all",
            ),
            one_of("provider", Provider, name="provider_account_provider_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class SenderIdentity(ShopOwned, Stamped):
    """Who a shop writes as: a from-address, or a registered number."""

    account = models.ForeignKey(
        ProviderAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="senders"
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=80, blank=True)
    registration = models.CharField(
        max_length=80, blank=True, help_text="A2P 10DLC campaign or toll-free verification."
    )
    messages_per_second = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0.01)], help_text="None: no limit."
    )
    is_default = models.BooleanField(default=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sender_identities"
        verbose_name_plural = "sender identities"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "channel", "address"], name="sender_identity_once_per_address"
            ),
            models.UniqueConstraint(
                fields=["shop", "channel"],
                condition=models.Q(is_default=True),
                name="sender_identity_one_default_per_channel",
            ),
            one_of("channel", Channel, name="sender_identity_channel_is_known"),
        ]

    def __str__(self) -> str:
        return self.address


class RateBucket(models.Model):
    """A token bucket in the database: how many calls a sender has left right now."""

    shop = models.ForeignKey(
        "barbershop.Barbershop", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=120, unique=True)
    capacity = models.FloatField()
    per_second = models.FloatField()
    tokens = models.FloatField()
    refilled_at = models.DateTimeField()

    class Meta:
        db_table = "rate_buckets"

    def __str__(self) -> str:
        return self.key


class MessagePrice(models.Model):
    """What one part of one message costs. The newest row not after today is valid."""

    shop = models.ForeignKey(
        "barbershop.Barbershop", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    country = models.CharField(max_length=2, blank=True, help_text="Blank: everywhere else.")
    currency = models.CharField(max_length=3, default="USD")
    micros_per_part = models.PositiveIntegerField(help_text="Millionths of the currency unit.")
    valid_from = models.DateField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "message_prices"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "channel", "country", "currency", "valid_from"],
                name="message_price_once_per_shop_and_day",
            ),
            models.UniqueConstraint(
                fields=["channel", "country", "currency", "valid_from"],
                condition=models.Q(shop=None),
                name="message_price_once_for_all_and_day",
            ),
            one_of("channel", Channel, name="message_price_channel_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.country or 'elsewhere'} {self.micros_per_part}"
