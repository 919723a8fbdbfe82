"""X-04 at the doors of campaigns and customers: API, admin form, sign-up, import."""

import json

import pytest
from django.urls import reverse

from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications.tests.test_header_fields import BREAKS, INJECTED
from customers.imports import cells
from customers.imports.refusal import CellRefused
from customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory(slug="corner")


def test_api_refuses_a_subject_and_a_customers_names_that_break_a_line(shop):
    client = token_client(shop)
    for broken in BREAKS:
        said = f"Hi{broken}{INJECTED}"
        channels = {"email": EMAIL["email"] | {"subject": said}}
        campaign = {"campaign_name": "Summer", "campaign_type": "email", "channels": channels}
        answer = client.post("/api/campaigns/", campaign, format="json")
        assert (broken, answer.status_code) == (broken, 400)
        assert list(answer.json()["error"]["fields"]) == ["channels.email.subject"]
        for field in ("first_name", "last_name", "email"):
            answer = client.post("/api/customers/", {field: said}, format="json")
            assert (broken, answer.status_code) == (broken, 400)
            assert list(answer.json()["error"]["fields"]) == [field]
    assert (CampaignDefinition.objects.count(), Customer.objects.count()) == (0, 0)


def test_admin_form_refuses_a_subject_that_breaks_a_line(client, shop):
    client.force_login(MembershipFactory(shop=shop, user__is_staff=True).user)
    draft = DefinitionFactory(shop=shop)
    variant = draft.variants.get()
    path = reverse("admin:campaigns_campaigndefinition_change", args=[draft.pk])
    page = client.get(path)
    inline = next(
        each.formset
        for each in page.context["inline_admin_formsets"]
        if each.formset.model is type(variant)
    )
    for broken in BREAKS:
        channels = {"email": EMAIL["email"] | {"subject": f"Hi{broken}{INJECTED}"}}
        prefix = inline.prefix
        data = {
            f"{prefix}-TOTAL_FORMS": 1,
            f"{prefix}-INITIAL_FORMS": 1,
            f"{prefix}-0-id": variant.pk,
            f"{prefix}-0-definition": draft.pk,
            f"{prefix}-0-label": "A",
            f"{prefix}-0-weight": variant.weight,
            f"{prefix}-0-channels": json.dumps(channels),
        }
        answer = client.post(path, data)
        assert answer.status_code == 200
    variant.refresh_from_db()
    assert variant.channels == EMAIL


def test_sign_up_form_refuses_names_that_break_a_line(client, shop):
    for broken in BREAKS:
        for field in ("first_name", "last_name"):
            names = {"first_name": "Sam", field: f"Sam{broken}{INJECTED}"}
            data = names | {"email": "sam@example.test", "by_email": "on"}
            answer = client.post(reverse("join", args=["corner"]), data)
            assert (broken, answer.status_code) == (broken, 400)
            assert list(answer.context["form"].errors) == [field]
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("broken", [pytest.param(each, id=ascii(each)) for each in BREAKS])
def test_import_makes_one_line_of_a_name_or_refuses_it(broken):
    """White space within a cell becomes one space; every one of these is white space to Python."""
    try:
        stored = cells.one_line(f"Sam{broken}{INJECTED}", longest=80)
    except CellRefused:
        stored = ""

    assert stored in {"", f"Sam {INJECTED}"}
    with pytest.raises(CellRefused):
        cells.email(f"sam{broken}@example.test")
