"""The words for how we write to people and about what."""

from django.db import models


class Channel(models.TextChoices):
    EMAIL = "email"
    SMS = "sms", "SMS"


class Topic(models.TextChoices):
    """What a message is about; consent is given and taken back per channel and topic."""

    MARKETING = "marketing"
    APPOINTMENTS = "appointments"


# The columns of a customer: the address, and the HMAC of it.
ADDRESS_FIELDS = {
    Channel.EMAIL: ("email", "email_hmac"),
    Channel.SMS: ("phone", "phone_hmac"),
}
