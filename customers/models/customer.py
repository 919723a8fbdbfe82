"""A customer: who he is and where he can be reached."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from barbershop.models import ShopOwned, Stamped
from customers.addresses import address_hmac, normalise_email, normalise_phone
from customers.channels import ADDRESS_FIELDS, Channel
from customers.customer_queryset import CustomerQuerySet


class Customer(ShopOwned, Stamped):
    """A person who comes to one shop. Names and addresses go on erasure; the row stays."""

    class Source(models.TextChoices):
        STAFF = "staff"
        CSV = "csv", "CSV import"
        API = "api", "API"
        SIGN_UP = "sign_up", "Sign-up page"
        DEMO = "demo", "Demonstration"

    external_id = models.CharField(max_length=120, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_hmac = models.CharField(max_length=32, blank=True, editable=False)
    phone = models.CharField(max_length=16, blank=True, help_text="E.164, such as +12125550123.")
    phone_hmac = models.CharField(max_length=32, blank=True, editable=False)
    timezone = models.CharField(max_length=64, blank=True, help_text="IANA zone, when he gave one.")
    zip = models.CharField("ZIP", max_length=12, blank=True)
    language = models.CharField(max_length=10, blank=True)
    birth_month = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    birth_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    preferred_barber = models.ForeignKey(
        "barbershop.Barber", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.STAFF)
    joined_at = models.DateTimeField(
        null=True, blank=True, help_text="When he became a customer, if before this record."
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        db_table = "customers"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="customer_external_id_once_per_shop",
            ),
            models.CheckConstraint(
                condition=Q(birth_month=None, birth_day=None)
                | Q(birth_month__range=(1, 12), birth_day__range=(1, 31)),
                name="customer_birthday_has_month_and_day",
            ),
            models.CheckConstraint(
                condition=Q(birth_year=None) | Q(birth_month__isnull=False),
                name="customer_birth_year_has_birthday",
            ),
            models.CheckConstraint(
                condition=Q(email="", email_hmac="") | ~Q(email="") & ~Q(email_hmac=""),
                name="customer_email_has_hmac",
            ),
            models.CheckConstraint(
                condition=Q(phone="", phone_hmac="") | ~Q(phone="") & ~Q(phone_hmac=""),
                name="customer_phone_has_hmac",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(
                    external_id="",
                    first_name="",
                    last_name="",
                    email="",
                    phone="",
                    zip="",
                    birth_month=None,
                ),
                name="customer_erased_keeps_nothing_personal",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "email_hmac"], name="customers_by_email"),
            models.Index(fields=["shop", "phone_hmac"], name="customers_by_phone"),
            models.Index(fields=["shop", "birth_month", "birth_day"], name="customers_by_birthday"),
            models.Index(fields=["shop", "last_name", "first_name"], name="customers_by_name"),
        ]

    def __str__(self) -> str:
        return self.full_name or f"customer {self.pk}"

    def save(self, *args, **kwargs):
        """Store the row. Whoever loaded it before an erasure does not undo that: it is refused."""
        self.prepare()
        if not self._state.adding and not kwargs.get("force_insert"):
            names = {f.name for f in self._meta.concrete_fields if not f.primary_key}
            kwargs.setdefault("update_fields", names - {"erased_at"})
            written = kwargs["update_fields"]
            if {"email", "phone"} & set(names if written is None else written):
                self._save_addresses(*args, **kwargs)
                return
        super().save(*args, **kwargs)

    def _save_addresses(self, *args, **kwargs):
        from customers import changed_addresses

        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            changed_addresses.end_consents([self])

    def prepare(self) -> "Customer":
        """Bring addresses into their stored form; call it before any bulk write."""
        self.email = normalise_email(self.email)
        self.phone = normalise_phone(self.phone, region=self.shop.country)
        self.email_hmac = address_hmac(self.email)
        self.phone_hmac = address_hmac(self.phone)
        return self

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def birthday(self) -> str:
        """ISO date, or ``--MM-DD`` when the year is unknown, or nothing."""
        if self.birth_month is None:
            return ""
        year = f"{self.birth_year:04d}" if self.birth_year else "-"
        return f"{year}-{self.birth_month:02d}-{self.birth_day:02d}"

    def address_of(self, channel: str) -> str:
        """His address on a channel; ``""`` for none."""
        return getattr(self, ADDRESS_FIELDS[Channel(channel)][0])

    def opt_out(self, channel: str, *, source: str, by=None, now: dt.datetime | None = None):
        """Take back the permission to write on a channel; returns the consent entry."""
        from customers import consent

        now = now or timezone.now()
        return consent.record(
            customer=self,
            channel=channel,
            decision="opted_out",
            source=source,
            given_at=now,
            by=by,
            now=now,
        )

    def set_birthday(self, value: dt.date | None, *, year_known: bool = True) -> None:
        self.birth_month = value.month if value else None
        self.birth_day = value.day if value else None
        self.birth_year = value.year if value and year_known else None


class Tag(ShopOwned):
    name = models.CharField(max_length=60)

    class Meta:
        db_table = "tags"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "name"], name="tag_once_per_shop"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTag(ShopOwned):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="customer_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="customer_tags")

    class Meta:
        db_table = "customer_tags"
        constraints = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customer_tag_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tag}"
