"""The main job from outside: customers in, a campaign out, and three books that agree.

Web, worker and beat are real processes; the provider is the sandbox over real HTTP. The same
journeys run embedded (SQLite, no services) and at scale (PostgreSQL, Redis): see product.py.
"""

import csv
import datetime as dt
import io
from collections import Counter

import pytest
import requests

from barbershop.tests.product import Product, eventually
from benchmarks.chaos.shop import phone_of, zone_at_noon
from communications.delivery import claim

pytestmark = pytest.mark.processes

CUSTOMERS = 1000
SUMMER = {
    "campaign_name": "Summer Special 2024",
    "campaign_type": "email",
    "campaign_category": "promotional",
    "channels": {
        "email": {
            "subject": "Beat the heat with 20% off!",
            "message": "Hi {{customer_first_name}}, stay cool this summer...",
            "personalization": True,
        }
    },
    "target_criteria": {
        "last_visit_days": {"min": 30, "max": 90},
        "spending_tier": "medium",
    },
    "primary_goal": "increase_bookings",
}
AUTOMATED = {
    "campaign_types": ["welcome", "birthday", "win_back"],
    "welcome_series_config": {"emails": 3, "schedule": [0, 3, 7]},
    "birthday_config": {"discount_percentage": 25, "valid_days": 30},
    "win_back_config": {"trigger_days": 60, "discount_percentage": 20},
}
TEXT = {
    "campaign_name": "A chair is free",
    "campaign_type": "sms",
    "channels": {"sms": {"message": "Hi {{customer_first_name}}, a chair is free today."}},
}


class Api:
    """What another system does: a bearer token and JSON."""

    def __init__(self, product: Product):
        self.product = product
        product.manage("shell", "-c", SHOP)
        token = product.manage(
            "create_token", "--shop", "main", "--name", "journey", "--scopes", "read,write,send"
        ).strip()
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> dict:
        return self._answer(self.session.get(f"{self.product.base}/api/{path}", timeout=60))

    def post(self, path: str, body) -> dict:
        url = f"{self.product.base}/api/{path}"
        return self._answer(self.session.post(url, json=body, timeout=60))

    @staticmethod
    def _answer(response: requests.Response) -> dict:
        assert response.ok, (response.status_code, response.text[:1000])
        return response.json()


SHOP = """
from barbershop.models import Barbershop, Organization
owner = Organization.objects.create(name="Example", slug="example")
Barbershop.objects.create(
    organization=owner, name="Main Street", slug="main", postal_address="1 Test Street, NY 10001"
)
"""


def fill(api: Api, folder) -> None:
    """1,000 customers by CSV, a completed and paid visit of each by the bulk API.

    They live where it is noon: texts to them wait for no hours, whenever the journey is made.

    Every third came 30 to 90 days ago and spent as the middle third does; 40 % have proven
    consent for texts.
    """
    now = dt.datetime.now(dt.UTC)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "external_id",
            "first_name",
            "email",
            "phone",
            "timezone",
            "sms_consent_at",
            "sms_consent_source",
            "sms_consent_text",
        ]
    )
    for n in range(CUSTOMERS):
        proof = [(now - dt.timedelta(days=200)).isoformat(), "paper form", "I agree to texts."]
        writer.writerow(
            [
                f"c{n}",
                f"Sam{n}",
                f"sam{n}@example.com",
                phone_of(n),
                zone_at_noon(now),
            ]
            + (proof if n % 5 < 2 else ["", "", ""])
        )
    path = folder / "customers.csv"
    path.write_text(out.getvalue())
    api.product.manage("import_customers", str(path), "--shop", "main")
    days_and_amounts = {0: (200, 2000), 1: (60, 4000), 2: (10, 9000)}
    visits, payments = [], []
    for n in range(CUSTOMERS):
        days, amount = days_and_amounts[n % 3]
        at = (now - dt.timedelta(days=days)).isoformat()
        visits.append(
            {
                "external_id": f"v{n}",
                "customer_external_id": f"c{n}",
                "status": "completed",
                "booked_at": at,
                "starts_at": at,
                "price": amount,
            }
        )
        payments.append(
            {
                "external_id": f"p{n}",
                "customer_external_id": f"c{n}",
                "appointment_external_id": f"v{n}",
                "amount": amount,
                "paid_at": at,
            }
        )
    assert api.post("appointments/bulk", visits)["created"] == CUSTOMERS
    assert api.post("payments/bulk", payments)["created"] == CUSTOMERS


def settled(api: Api, campaign: int) -> dict:
    """The campaign once its run is over and every open call has been explained.

    A call that a killed worker had committed and never made stays unknown, for nobody can tell it
    from one whose answer was lost; it is settled when the provider really never had it.
    """

    def look():
        found = api.get(f"campaigns/{campaign}")
        counts = found["execution"]["counts"]
        if found["execution"]["status"] != "done" or counts["pending"]:
            return None
        recorded = {communication_of(line) for line in api.product.sandbox.accepted()}
        ledger = api.product.ledger(found["execution"]["id"]) if counts["unknown"] else []
        lost_answers = [
            row for row in ledger if row["state"] == "unknown" and row["communication"] in recorded
        ]
        return None if lost_answers else found

    return eventually(look, every=0.5)  # each look is work for the product that is waited for


def books_agree(api: Api, campaign: dict) -> list[dict]:
    """Sandbox, ledger and performance, recipient by recipient; returns the ledger."""
    product, execution = api.product, campaign["execution"]
    ledger = product.ledger(execution["id"])
    ids = {row["communication"] for row in ledger}
    recorded = [line for line in product.sandbox.accepted() if communication_of(line) in ids]
    accepted = {
        row["communication"]: row["address"] for row in ledger if row["state"] == "accepted"
    }
    assert Counter(map(communication_of, recorded)) == Counter(accepted.keys())
    assert {communication_of(line): line["to"] for line in recorded} == accepted
    totals = api.get(f"campaigns/{campaign['id']}/performance")["totals"]
    counts = execution["counts"]
    assert totals["sent"] == counts["sent"] == len(recorded)
    assert totals["blocked"] == counts["blocked"]
    assert len(ledger) == counts["blocked"] + counts["sent"] + counts["unknown"]
    assert counts["audience"] == len(ledger)
    return ledger


def communication_of(line: dict) -> str:
    if line["kind"] == "email":
        return line["custom_args"]["communication"]
    return line["status_callback"].split("communication=")[1].split("&")[0]


@pytest.fixture
def product(tmp_path):
    with Product(tmp_path) as running:
        yield running


def test_email_and_text_campaigns_are_delivered_and_measured(product, tmp_path):
    api = Api(product)
    fill(api, tmp_path)
    automated = api.post("campaigns/automated/setup", AUTOMATED)
    assert len(automated["automations"]) == 3

    summer = api.post("campaigns/create", SUMMER)
    api.post(f"campaigns/{summer['id']}/execute", {})
    email = books_agree(api, settled(api, summer["id"]))

    expected = {f"c{n}" for n in range(CUSTOMERS) if n % 3 == 1}
    assert {row["external_id"] for row in email if row["state"] == "accepted"} == expected
    first = next(line for line in product.sandbox.accepted() if line["to"] == "sam1@example.com")
    assert first["text"].startswith("Hi Sam1, stay cool this summer...")

    text = api.post("campaigns/create", TEXT)
    api.post(f"campaigns/{text['id']}/execute", {})
    sms = books_agree(api, settled(api, text["id"]))

    proven = {f"c{n}" for n in range(CUSTOMERS) if n % 5 < 2}
    assert {row["external_id"] for row in sms if row["state"] == "accepted"} == proven
    assert {row["reason"] for row in sms if row["state"] == "blocked"} == {"no_consent"}
    performance = api.get(f"campaigns/{text['id']}/performance")
    billed = sum(
        line["price_micros"] for line in product.sandbox.accepted() if line["kind"] == "sms"
    )
    assert performance["totals"]["cost"] == round(billed / 10_000)
    eventually(
        lambda: api.get(f"campaigns/{summer['id']}/performance")["totals"]["delivered"] > 250
    )


def test_a_worker_killed_in_the_middle_repeats_nobody_and_forgets_nobody(product, tmp_path):
    api = Api(product)
    fill(api, tmp_path)
    text = api.post("campaigns/create", TEXT)
    api.post(f"campaigns/{text['id']}/execute", {})
    eventually(lambda: len(product.sandbox.accepted()) > 40)

    product.kill("worker")
    product.kill("beat")
    before = len(product.sandbox.accepted())
    product.start_worker()

    ledger = books_agree(api, settled(api, text["id"]))
    states = Counter(row["state"] for row in ledger)
    assert before < CUSTOMERS * 2 // 5 == states["accepted"] + states["unknown"]
    assert states["unknown"] < claim.SMS_BATCH
