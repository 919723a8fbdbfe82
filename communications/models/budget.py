"""Money that may be spent on messages, reserved before a call and settled after it."""

import datetime as dt

from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, Stamped, one_of


class Budget(ShopOwned, Stamped):
    """A limit for one month of a shop, or for one campaign. Millionths of the currency unit.

    A month is one of the shop's own calendar. ``communications.budgets`` changes these rows.
    """

    WARN_AT_PERCENT = 80

    month = models.DateField(null=True, blank=True, help_text="First day; none for a campaign.")
    limit_micros = models.PositiveBigIntegerField()
    reserved_micros = models.PositiveBigIntegerField(default=0)
    spent_micros = models.PositiveBigIntegerField(default=0)
    late_micros = models.PositiveBigIntegerField(
        default=0, help_text="Found later to be sent, after its reservation was released."
    )
    warned_at = models.DateTimeField(null=True, blank=True, help_text="When 80 % was passed.")
    exhausted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "budgets"
        constraints = [
            models.UniqueConstraint(fields=["shop", "month"], name="budget_once_per_month"),
            models.CheckConstraint(
                condition=Q(
                    limit_micros__gte=models.F("reserved_micros") + models.F("spent_micros")
                ),
                name="budget_is_never_overspent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spent_micros} of {self.limit_micros}"

    @property
    def used_micros(self) -> int:
        """Money that is gone: settled, or found late."""
        return self.spent_micros + self.late_micros

    @property
    def lowest_micros(self) -> int:
        """No limit below this: it is spent, or promised to calls on the wire."""
        return self.spent_micros + self.reserved_micros

    @property
    def left_micros(self) -> int:
        """What the next call may reserve. Late money is gone too, so it may reach nothing early."""
        return max(0, self.limit_micros - self.lowest_micros - self.late_micros)

    @property
    def is_warning(self) -> bool:
        gone = self.used_micros + self.reserved_micros
        return 100 * gone >= self.WARN_AT_PERCENT * self.limit_micros

    def note(self, *, now: dt.datetime) -> None:
        """Set when 80 % and 100 % were reached, once each; the caller saves."""
        if self.is_warning:
            self.warned_at = self.warned_at or now
        if not self.left_micros:
            self.exhausted_at = self.exhausted_at or now


class ReservationState(models.TextChoices):
    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


class BudgetReservation(ShopOwned):
    """What one call may cost, until its answer says what it did cost."""

    State = ReservationState

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="reservations")
    attempt = models.ForeignKey(
        "communications.DeliveryAttempt", on_delete=models.PROTECT, related_name="reservations"
    )
    amount_micros = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RESERVED)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "budget_reservations"
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "attempt"], name="budget_reservation_once_per_call"
            ),
            one_of("state", ReservationState, name="budget_reservation_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_micros} {self.state}"
