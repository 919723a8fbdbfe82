"""Who cuts, what is sold, and when a chair is free."""

from django.db import models
from django.db.models import Q

from barbershop.models.owned import ShopOwned, Stamped


class Barber(ShopOwned, Stamped):
    external_id = models.CharField(max_length=120, blank=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "barbers"
        ordering = ["first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="barber_external_id_once_per_shop",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Service(ShopOwned, Stamped):
    """Something sold at the chair: a cut, a beard trim."""

    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=60, blank=True)
    price = models.PositiveIntegerField(default=0, help_text="Minor units of the shop's currency.")
    duration_minutes = models.PositiveSmallIntegerField(default=30)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "services"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="service_external_id_once_per_shop",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Opening(ShopOwned, Stamped):
    """A time at which a barber is free, as the booking system told us. Past ones mean nothing."""

    external_id = models.CharField(max_length=120, blank=True)
    barber = models.ForeignKey(Barber, on_delete=models.CASCADE, related_name="openings")
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(default=30)

    class Meta:
        db_table = "openings"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="opening_external_id_once_per_shop",
            ),
            models.UniqueConstraint(
                fields=["barber", "starts_at"], name="opening_once_per_barber_and_time"
            ),
        ]
        indexes = [models.Index(fields=["shop", "starts_at"], name="openings_by_time")]

    def __str__(self) -> str:
        return f"{self.barber} at {self.starts_at:%Y-%m-%d %H:%M}"
