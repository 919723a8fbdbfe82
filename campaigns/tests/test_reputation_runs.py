"""What a shop's complaints do to its campaigns, and how a person goes on."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import execution, materialising
from campaigns.tests.factories import DefinitionFactory
from communications import reputation
from communications.tests.mailed import mailed
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

Role = Membership.Role
DAY = dt.timedelta(days=1)


@pytest.fixture
def complained():
    """A shop of whose 1,000 emails of yesterday three were reported as spam."""
    shop = ShopFactory()
    mailed(shop, 1_000, at=timezone.now() - DAY, complaints=3)
    return shop


def campaign(shop, **kwargs):
    CustomerFactory(shop=shop)
    return DefinitionFactory(shop=shop, **kwargs)


def test_new_campaign_begins_paused_and_says_why(complained):
    run = execution.start(campaign(complained))

    assert run.current_status == "paused"
    assert run.dispatch.pause_cause == "reputation"
    assert "were reported as spam (3 of 1,000)" in run.dispatch.paused_reason


def test_new_campaign_of_another_shop_and_one_of_texts_begin(complained):
    texts = campaign(complained, campaign_type="sms", channels={"sms": {"message": "Hi"}})

    assert execution.start(campaign(ShopFactory())).current_status != "paused"
    assert execution.start(texts).current_status != "paused"


def test_person_who_resumes_has_read_it_and_the_next_campaign_begins(complained):
    by = MembershipFactory(shop=complained, role=Role.OWNER).user
    run = execution.start(campaign(complained))
    materialising.run(run.pk)

    execution.resume(run, by=by)

    entry = AuditEntry.objects.get(action=reputation.READ)
    assert (entry.actor, entry.detail.after) == (by, {"figures": {"complaints": [3, 1_000]}})
    assert reputation.enforce()[0].is_stop is False
    assert execution.start(campaign(complained)).current_status != "paused"


def test_resume_of_a_persons_own_pause_reads_nothing(complained):
    run = execution.start(campaign(ShopFactory()))
    execution.pause(run)

    execution.resume(run)

    assert not AuditEntry.objects.filter(action=reputation.READ).exists()


@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 403), (Role.OWNER, 200)])
def test_page_that_resumes_shows_the_figures_to_who_may_send(complained, client, role, status):
    run = execution.start(campaign(complained))
    client.force_login(MembershipFactory(shop=complained, role=role).user)

    page = client.get(f"/campaigns/{run.definition_id}/resume/")

    assert page.status_code == status
    assert ("were reported as spam (3 of 1,000)" in page.content.decode()) is (status == 200)
