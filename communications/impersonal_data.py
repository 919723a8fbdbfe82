"""The tables of this floor that hold nothing about a customer."""

from barbershop.personal_data import declare
from communications.models import (
    Budget,
    BudgetReservation,
    Dispatch,
    MessageContent,
    MessagePrice,
    ProviderAccount,
    RateBucket,
    SenderIdentity,
    TrackedLink,
)


def register() -> None:
    declare(
        ProviderAccount,
        key="id shop",
        shop="provider name secret is_active messages_per_second",
        machine="created_at updated_at failures open_until",
    )
    declare(
        SenderIdentity,
        key="id shop account",
        shop="channel address name registration messages_per_second is_default verified_at",
        machine="created_at updated_at",
    )
    declare(RateBucket, key="id shop", machine="key capacity per_second tokens refilled_at")
    declare(
        MessagePrice,
        key="id shop",
        shop="channel country currency micros_per_part valid_from source",
    )
    declare(
        Budget,
        key="id shop",
        shop="month limit_micros reserved_micros spent_micros late_micros warned_at exhausted_at",
        machine="created_at updated_at",
    )
    declare(
        BudgetReservation,
        key="id shop budget attempt",
        shop="amount_micros",
        machine="state created_at closed_at",
    )
    declare(
        Dispatch,
        key="id shop uuid budget created_by",
        shop="kind is_cap_exempt excludes_booked excludes_visited_days paused_reason pause_cause",
        machine="state created_at starts_at prepared_at finished_at",
    )
    declare(
        MessageContent,
        key="id shop dispatch",
        shop="channel variant_label variation subject text html",
        machine="created_at",
    )
    declare(TrackedLink, key="id shop content", shop="target position")
