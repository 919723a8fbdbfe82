"""Erasing a person who has a row in every table: nothing of him is left in any of them."""

import pytest
from django.utils import timezone

from analytics.tests.whole_person import everything_about, whole_database
from barbershop import audit, personal_data
from barbershop.tests.factories import MembershipFactory
from campaigns.models import AutomationEnrollment, CampaignResponse
from communications.models import CustomerCommunication, Suppression
from customers import consent, erasure
from customers.addresses import address_hmac
from customers.models import Appointment, ContactConsent, Payment

pytestmark = pytest.mark.django_db

HIS = ("qzfirstqz", "+12125550171", "203.0.113.71")
OTHERS = ("wxsecondwx", "+12125550172", "203.0.113.72")


@pytest.fixture
def people(shop):
    return [
        everything_about(shop=shop, mark=mark, phone=phone, ip=ip)
        for mark, phone, ip in (HIS, OTHERS)
    ]


def lines_with(*words: str) -> list[str]:
    """Lines of the dump, of which some words in any letters."""
    return [line for line in whole_database().splitlines() if any(w in line.lower() for w in words)]


def test_nothing_of_an_erased_person_is_left_in_any_table(people, shop, caplog):
    person, _ = people
    owner = MembershipFactory(shop=shop).user
    before = lines_with(*OTHERS)
    # There is something to find in every table that has a personal column.
    personal = {table.model._meta.db_table for table in personal_data.holders() if table.emptied}
    assert {line.split(":")[0] for line in lines_with(*HIS)} == personal

    erasure.erase(person, by=owner, reason=f"{person.full_name} asked by phone")

    assert lines_with(*HIS) == []
    assert lines_with(*OTHERS) == before
    assert not any(word in caplog.text for word in HIS)


def test_erasure_keeps_money_and_visits_as_numbers(people):
    person, _ = people

    erasure.erase(person, reason="asked")

    assert Payment.objects.filter(customer=person).values_list("amount").get() == (3500,)
    assert Appointment.objects.get(customer=person).status == "completed"
    assert CampaignResponse.objects.get(customer=person).revenue == 3500


def test_consent_chain_and_audit_chain_are_whole_after_an_erasure(people, shop):
    person, _ = people

    erasure.erase(person, reason="asked")

    assert consent.verify(person)
    assert ContactConsent.objects.filter(customer=person).count() == 2
    assert audit.first_broken(shop) is None


def test_hashes_of_all_his_addresses_are_left_behind(people, shop):
    person, _ = people
    former = "former-address@example.test"
    consent.record(
        customer=person,
        channel="email",
        decision="opted_in",
        source="paper form",
        given_at=timezone.now(),
        address=former,
    )

    erasure.erase(person, reason="asked")

    left = Suppression.objects.active().filter(shop=shop, cause="erased")
    assert set(left.values_list("channel", "address_hmac")) == {
        ("email", address_hmac("qzfirstqz@example.test")),
        ("email", address_hmac(former)),
        ("sms", address_hmac("+12125550171")),
    }


def test_waiting_message_and_automation_of_an_erased_person_end(people):
    person, other = people

    erasure.erase(person, reason="asked")

    messages = CustomerCommunication.objects.filter(send_state="pending")
    assert set(messages.values_list("customer", flat=True)) == {other.pk}
    enrolled = AutomationEnrollment.objects.filter(exited_at=None)
    assert [row.customer_id for row in enrolled] == [other.pk]


def test_erasing_twice_does_nothing_the_second_time(people):
    person, _ = people
    first = erasure.erase(person, reason="asked")
    before = whole_database()

    second = erasure.erase(person, reason="asked")

    assert (first.is_new, second.is_new) == (True, False)
    assert whole_database() == before


def test_failed_erasure_erases_nothing(people, monkeypatch):
    person, _ = people
    before = whole_database()
    monkeypatch.setattr(audit, "record", None)

    with pytest.raises(TypeError):
        erasure.erase(person, reason="asked")

    assert whole_database() == before
