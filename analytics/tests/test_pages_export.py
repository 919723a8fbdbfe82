"""The people behind a number as CSV and JSON, whatever they are called."""

import csv
import io

import pytest

from analytics.tests.factories import delivered, message
from analytics.tests.pages import NOW, run_of, url
from barbershop import csv_export
from barbershop.models import AuditEntry, Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications.tests.naughty import STORABLE
from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
RUNS = ("=", "+", "-", "@", "\t", "\r")
PHONE = "+12125550100"


def signed_in(client, shop, role=Membership.Role.MANAGER):
    client.force_login(MembershipFactory(shop=shop, role=role).user)
    return client


def rows_of(answer) -> list[dict]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-x", "'-x"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\u200b\u2060 \xa0@SUM(A1)", "'\u200b\u2060 \xa0@SUM(A1)"),
        ("'\u3164'+x", "''\u3164'+x"),
        ("\ufeffSam", "\ufeffSam"),
        ("Sam =1", "Sam =1"),
        (" Sam", " Sam"),
        (PHONE, PHONE),
        ("-5", "-5"),
        ("O'Neil", "O'Neil"),
        (None, ""),
    ],
)
def test_cell_that_would_run_is_guarded_and_reads_back(value, cell):
    assert csv_export.guarded(value) == cell
    assert csv_export.unguarded(cell) == (value or "")


def test_recipients_are_downloaded_as_they_are_called_and_nothing_runs(client, shop):
    run = run_of(shop)
    names = {}
    for number, name in enumerate(STORABLE):
        customer = CustomerFactory(shop=shop, first_name=name[:80])
        names[str(customer.pk)] = Customer.objects.get(pk=customer.pk).first_name
        address = f"+1212555{number:04}"
        message(run, channel="sms", customer=customer, address=address, send_state="cancelled")

    found = rows_of(signed_in(client, shop).get(url("campaign-recipients-csv", run)))

    assert {row["customer"]: csv_export.unguarded(row["first_name"]) for row in found} == names
    assert not [row["first_name"] for row in found if row["first_name"].startswith(RUNS)]
    assert {row["address"] for row in found} == {
        f"+1212555{number:04}" for number in range(len(STORABLE))
    }


def test_api_says_names_as_they_are(shop):
    names = {CustomerFactory(shop=shop, first_name=name[:80]).first_name for name in STORABLE}

    found, page = set(), "/api/customers/"
    while page:
        answer = token_client(shop).get(page).json()
        found |= {each["first_name"] for each in answer["results"]}
        page = answer["next"]

    assert found == names


def test_download_has_the_filter_of_the_page_and_is_in_the_audit(client, shop):
    run = run_of(shop)
    sent = delivered(run, at=NOW)
    message(run, send_state="blocked", reason="no_consent")

    page = url("campaign-recipients-csv", run, "?outcome=delivered")
    found = rows_of(signed_in(client, shop).get(page))

    assert [row["customer"] for row in found] == [str(sent.customer_id)]
    entry = AuditEntry.objects.get(action="campaign.export")
    assert entry.shop == shop


@pytest.mark.parametrize("role", [Membership.Role.STAFF, Membership.Role.READ_ONLY])
def test_names_and_addresses_leave_with_managers_only(client, shop, role):
    run = run_of(shop)

    assert signed_in(client, shop, role).get(url("campaign-recipients-csv", run)).status_code == 403
    page = client.get(url("campaign-recipients", run))
    assert "recipients.csv" not in page.content.decode()


def test_another_shops_campaign_is_not_there(client, shop):
    answer = signed_in(client, shop).get(url("campaign-recipients-csv", run_of(ShopFactory())))

    assert answer.status_code == 404
