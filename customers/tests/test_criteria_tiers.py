"""Where the thirds of the paying customers end, with ties at the ends."""

from collections import Counter
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from barbershop.tests.factories import ShopFactory
from customers import criteria
from customers.models import Payment
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def tier_of(amount: int, amounts: list[int]) -> str | None:
    """By the definition alone: his place in the line of those who paid."""
    paying = [each for each in amounts if each > 0]
    if amount <= 0:
        return None
    below = sum(each < amount for each in paying)
    place = Fraction(2 * below + paying.count(amount), 2 * len(paying))
    return "low" if place < Fraction(1, 3) else "medium" if place <= Fraction(2, 3) else "high"


@pytest.mark.parametrize("ahead", [0, 1], ids=["by sums", "by rows"])
def test_thirds_end_where_the_definition_says(ahead, monkeypatch):
    shop, now = ShopFactory(), timezone.now()
    if ahead:
        monkeypatch.setattr("customers.criteria.view.View.ahead", None)
    people = CustomerFactory.create_batch(9, shop=shop)

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @example([1, 2, 2])
    @example([2, 2, 3])
    @example([5, 5, 5])
    @example([7])
    @example([0, 0])
    @given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
    def ask(amounts):
        Payment.objects.all().delete()
        Payment.objects.bulk_create(
            Payment(shop=shop, customer=person, amount=amount, paid_at=now)
            for person, amount in zip(people, amounts, strict=False)
        )
        found = Counter()
        for tier in ("low", "medium", "high"):
            rule = criteria.parse({"spending_tier": tier})
            for pk in rule.select(shop=shop, now=now).values_list("pk", flat=True):
                found[people.index(next(p for p in people if p.pk == pk)), tier] += 1
        expected = {
            (index, tier_of(amount, amounts)): 1
            for index, amount in enumerate(amounts)
            if amount > 0
        }
        assert found == expected

    ask()
