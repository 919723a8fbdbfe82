"""What the database refuses to hold twice."""

from benchmarks.guards.guard import Guard

KEYS = "communications/tests/test_unique_keys.py"
COMMUNICATION = "communications/models/communication.py"
PARALLEL = "campaigns/tests/test_execution_parallel.py"


def _without(name: str, fields: str, file: str, *tests: str, condition: str = "") -> Guard:
    """The unique key loosened by the row's own id, which makes every row differ."""
    old = f'fields=[{fields}],\n{condition}                name="{name}"'
    return Guard(
        name=f"unique: {name}",
        file=file,
        old=old,
        new=old.replace(f"[{fields}]", f'[{fields}, "id"]'),
        tests=tests,
    )


GUARDS = [
    _without(
        "communication_once_per_person_and_channel",
        '"dispatch", "channel", "customer"',
        COMMUNICATION,
        f"{KEYS}::test_one_person_has_one_message_per_channel_of_a_run",
    ),
    _without(
        "communication_once_per_address",
        '"dispatch", "channel", "address"',
        COMMUNICATION,
        f"{KEYS}::test_one_address_is_written_to_once_per_run",
        condition='                condition=~Q(address="") & ~Q(send_state="blocked"),\n',
    ),
    _without(
        "communication_dedupe_key_once",
        '"dedupe_key"',
        COMMUNICATION,
        f"{KEYS}::test_one_occurrence_is_messaged_once_whatever_the_run",
        condition="                condition=Q(dedupe_key__isnull=False),\n",
    ),
    _without(
        "campaign_execution_once_per_occurrence",
        '"definition", "occurrence_key"',
        "campaigns/models/execution.py",
        f"{PARALLEL}::test_database_itself_refuses_a_second_manual_run",
    ),
    Guard(
        name="unique: provider_event_once_per_key",
        file="communications/models/event.py",
        old='fields=["provider", "event_key"], name',
        new='fields=["provider", "event_key", "id"], name',
        tests=(
            f"{KEYS}::test_one_event_is_stored_once",
            "communications/tests/test_webhook_sendgrid.py",
        ),
    ),
    Guard(
        name="unique: budget_reservation_once_per_call",
        file="communications/models/budget.py",
        old='fields=["budget", "attempt"], name',
        new='fields=["budget", "attempt", "id"], name',
        tests=(f"{KEYS}::test_one_call_reserves_once_from_a_budget",),
    ),
    Guard(
        name="unique: idempotency_key_once_per_shop",
        file="barbershop/models/token.py",
        old='fields=["shop", "key"], name="idempotency_key_once_per_shop"',
        new='fields=["shop", "key", "id"], name="idempotency_key_once_per_shop"',
        tests=("barbershop/tests/test_api_idempotency.py",),
    ),
    Guard(
        name="one execute wins",
        file="campaigns/execution.py",
        old="            pk=definition.pk, status__in=[Status.DRAFT, Status.SCHEDULED]\n"
        "        ).update(status=Status.ACTIVE",
        new="            pk=definition.pk\n        ).update(status=Status.ACTIVE",
        tests=(
            "campaigns/tests/test_execution.py::test_second_start_is_refused_and_opens_nothing",
            f"{PARALLEL}::test_of_fifty_executes_at_once_one_wins_and_the_others_are_conflicts",
        ),
    ),
]
