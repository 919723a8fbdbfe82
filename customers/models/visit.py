"""Appointments and payments: what other systems tell us about the chair and the till."""

from django.db import models
from django.db.models import F, Q

from barbershop.models import ShopOwned, Stamped, one_of


class AppointmentStatus(models.TextChoices):
    BOOKED = "booked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show", "No-show"


class Appointment(ShopOwned, Stamped):
    """A booking, and what came of it.

    booked: will come. completed: came. cancelled: called off. no_show: did not come.
    """

    Status = AppointmentStatus

    external_id = models.CharField(max_length=120, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="appointments"
    )
    barber = models.ForeignKey(
        "barbershop.Barber", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    service = models.ForeignKey(
        "barbershop.Service", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    booked_at = models.DateTimeField(help_text="When the booking was made.")
    starts_at = models.DateTimeField()
    price = models.PositiveIntegerField(default=0, help_text="Minor units of the shop's currency.")
    source = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "appointments"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="appointment_external_id_once_per_shop",
            ),
            one_of("status", AppointmentStatus, name="appointment_status_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "status", "starts_at"], name="appointments_of_customer"
            ),
            # Read whole and in order when customers are chosen by their visits.
            models.Index(
                fields=["shop", "customer", "starts_at"],
                condition=Q(status="completed"),
                name="appointments_completed",
            ),
            # Few rows: who comes again is looked up here when a whole shop is asked.
            models.Index(
                fields=["starts_at", "customer"],
                condition=Q(status="booked"),
                name="appointments_booked",
            ),
            models.Index(fields=["shop", "booked_at"], name="appointments_by_booking"),
            models.Index(fields=["shop", "updated_at"], name="appointments_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.starts_at:%Y-%m-%d %H:%M}"


class Payment(ShopOwned, Stamped):
    """Money taken, and given back. Amounts are minor units of the shop's currency."""

    external_id = models.CharField(max_length=120, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="payments"
    )
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="payments"
    )
    amount = models.PositiveIntegerField()
    refunded_amount = models.PositiveIntegerField(default=0)
    paid_at = models.DateTimeField()

    class Meta:
        db_table = "payments"
        ordering = ["-paid_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"],
                condition=~Q(external_id=""),
                name="payment_external_id_once_per_shop",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__lte=F("amount")),
                name="payment_refund_is_at_most_the_payment",
            ),
        ]
        indexes = [
            # Holds what a customer spent, so that the sum reads the index alone.
            models.Index(
                fields=["customer", "paid_at", "amount", "refunded_amount"],
                name="payments_of_customer",
            ),
            # The same in the order of the shop: for choosing customers by what they spent.
            models.Index(
                fields=["shop", "customer", "paid_at", "amount", "refunded_amount"],
                name="payments_of_shop",
            ),
            models.Index(fields=["shop", "paid_at"], name="payments_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.paid_at:%Y-%m-%d}"
