"""What a deadlock of the database leaves to do: the same once more, from the start."""

import pytest
from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from barbershop import deadlocks
from barbershop.models import Organization


class Work:
    """Writes a row, and is ended so many times."""

    def __init__(self, *, ended: int, cause: Exception | None = None):
        self.ended, self.tries = ended, 0
        self.cause = cause or DeadlockDetected("deadlock detected")

    def __call__(self) -> int:
        self.tries += 1
        Organization.objects.create(name="Two", slug=f"try-{self.tries}")
        if self.tries <= self.ended:
            raise OperationalError("ended") from self.cause
        return self.tries


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(deadlocks, "LONGEST_PAUSE", 0)


def slugs() -> list[str]:
    return list(Organization.objects.values_list("slug", flat=True))


@pytest.mark.django_db(transaction=True)
def test_work_that_a_deadlock_ended_is_done_again_from_the_start():
    assert deadlocks.retried(Work(ended=2)) == 3
    assert slugs() == ["try-3"]


@pytest.mark.django_db(transaction=True)
def test_work_is_given_up_after_five_tries_and_leaves_nothing():
    work = Work(ended=5)

    with pytest.raises(OperationalError, match="ended"):
        deadlocks.retried(work)

    assert (work.tries, slugs()) == (5, [])


@pytest.mark.django_db(transaction=True)
def test_other_failures_are_not_tried_again():
    work = Work(ended=1, cause=ConnectionError("gone"))

    with pytest.raises(OperationalError):
        deadlocks.retried(work)

    assert (work.tries, slugs()) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_work_within_a_transaction_of_somebody_else_is_tried_once():
    work = Work(ended=1)

    with pytest.raises(OperationalError), transaction.atomic():
        deadlocks.retried(work)

    assert work.tries == 1
