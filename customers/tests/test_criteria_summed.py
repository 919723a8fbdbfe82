"""Criteria that read the summary of visits, of people who have none."""

import pytest

from customers import criteria
from customers.models import VisitSummary
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
FEW = {"visit_count": {"max": 2}}


@pytest.mark.parametrize("other", [{"visit_count": {"min": 1}}, {"average_ticket": {"min": 10}}])
def test_who_has_no_summary_is_not_unknown_to_the_database(shop, other):
    never = CustomerFactory(shop=shop)
    often = CustomerFactory(shop=shop)
    for days in (10, 20, 30):
        AppointmentFactory(customer=often, days_ago=days)

    found = criteria.parse({"not": {"all": [FEW, other]}}).select(shop=shop)

    assert VisitSummary.objects.get().customer == often
    assert set(found) == {never, often}
