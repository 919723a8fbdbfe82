import datetime as dt
import re
import stat

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics import performance, seed
from analytics.seed.openings import A_DAY
from analytics.seed.segments import KEYS, WEEKS
from analytics.seed.shops import OWNER, PASSWORD, STAFF
from analytics.seed.visits import CLOSED
from barbershop.models import ApiToken, Barber, Barbershop, Opening, User
from barbershop.tests.factories import ShopFactory
from campaigns import attribution, lint, readiness, template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from communications.models import CustomerCommunication
from customers import consent, criteria
from customers.models import (
    Appointment,
    ContactConsent,
    Customer,
    CustomerSegment,
    Payment,
    SegmentMembership,
    SegmentSize,
)

FIRST_BODY = {"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"}
RESERVED_EMAIL = re.compile(r"[^@]+@example\.(com|net|org)")
RESERVED_PHONE = re.compile(r"\+1\d{3}55501\d\d")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Built once for the whole module, and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        stranger = ShopFactory(slug="stranger")
        built = seed.build(now=timezone.now())
        assert stranger not in built.shops
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def cedar(demo, db) -> Barbershop:
    return demo.shops[0]


def test_seed_makes_two_shops_of_one_organisation(demo, db):
    cedar, harbor = demo.shops

    assert cedar.organization == harbor.organization
    assert [Customer.objects.for_shop(shop).count() for shop in demo.shops] == [1_200, 300]


def test_seed_gives_the_first_body_its_audience(cedar):
    now = timezone.now()
    matching = criteria.parse(FIRST_BODY).select(shop=cedar, now=now).exclude(email="")

    assert 100 <= matching.count() <= 250


def test_seed_uses_addresses_that_nobody_can_own(demo, db):
    emails = set(Customer.objects.exclude(email="").values_list("email", flat=True))
    phones = set(Customer.objects.exclude(phone="").values_list("phone", flat=True))

    assert [email for email in emails if not RESERVED_EMAIL.fullmatch(email)] == []
    assert [phone for phone in phones if not RESERVED_PHONE.fullmatch(phone)] == []
    assert len(emails) == Customer.objects.exclude(email="").count()


def test_seed_has_visits_as_a_shop_knows_them(cedar):
    rows = Appointment.objects.for_shop(cedar)
    total = rows.filter(starts_at__lt=timezone.now()).count()
    shares = {
        status: rows.filter(status=status).count() / total
        for status in ("cancelled", "no_show", "completed")
    }

    assert total > 5_000
    assert 0.10 < shares["cancelled"] < 0.14
    assert 0.025 < shares["no_show"] < 0.045
    assert Payment.objects.for_shop(cedar).count() == rows.filter(status="completed").count()
    assert rows.filter(status="booked", starts_at__lt=timezone.now()).count() == 0
    assert rows.filter(booked_at__gte=F("starts_at")).count() == 0
    taken = rows.values_list("barber", "starts_at")
    assert len(set(taken)) == len(taken)


def test_seed_has_consent_in_every_state_with_its_proof(cedar):
    latest = ContactConsent.objects.filter(shop=cedar).latest()
    for channel, decision in (
        ("sms", "opted_in"),
        ("sms", "unproven"),
        ("sms", "opted_out"),
        ("email", "opted_in"),
        ("email", "opted_out"),
    ):
        assert latest.filter(channel=channel, decision=decision).count() > 10

    proven = latest.filter(channel="sms", decision="opted_in").select_related("detail", "customer")
    for entry in proven[:20]:
        assert cedar.name in entry.detail.disclosure_text
        assert entry.detail.address == entry.customer.phone
        assert consent.verify(entry.customer)


def test_seed_credits_only_bookings_that_exist_and_would_be_credited_again(demo, db):
    credited = CampaignResponse.objects.filter(appointment__isnull=False)

    assert credited.count() > 20
    assert credited.exclude(appointment__customer=F("customer")).count() == 0
    assert credited.exclude(converted_at=F("appointment__booked_at")).count() == 0
    assert sum(attribution.credit(shop=shop) for shop in demo.shops) == 0


def test_seed_tells_believable_campaigns(demo, db):
    for run in CampaignExecution.objects.select_related("definition__shop"):
        found = performance.of(run.definition)

        totals = found.totals
        assert found.execution.status == "done"
        assert totals.targeted == totals.sent + totals.blocked
        assert 0.93 < found.rates.delivery <= 1
        assert totals.sent > totals.engaged > totals.converted > 0
        assert totals.revenue > totals.cost > 0
        assert "no_consent" in found.blocked_by_reason


def test_seed_keeps_the_shops_apart(demo, db):
    for model in (CustomerCommunication, CampaignResponse, Appointment):
        assert model.objects.exclude(customer__shop=F("shop")).count() == 0
    assert not Customer.objects.filter(shop__slug="stranger").exists()


def test_seed_leaves_drafts_that_can_start_at_any_hour(cedar):
    drafts = CampaignDefinition.objects.for_shop(cedar).filter(status="draft")

    assert {"Summer Special 2024"} < {draft.name for draft in drafts}
    assert drafts.get(name="Summer Special 2024").target_criteria == FIRST_BODY
    for draft in drafts:
        readiness.check(draft, now=timezone.now())


def test_every_barber_of_the_demonstration_has_free_times_in_the_coming_days(demo, db):
    now, week = timezone.now(), dt.timedelta(days=7)

    for shop in demo.shops:
        free = Opening.objects.for_shop(shop)
        assert free.exclude(starts_at__gt=now, starts_at__lt=now + week).count() == 0
        for barber in Barber.objects.for_shop(shop):
            assert free.filter(barber=barber).count() >= 2 * A_DAY
        booked = Appointment.objects.for_shop(shop).filter(status="booked")
        taken = set(booked.values_list("barber", "starts_at"))
        assert taken.isdisjoint(free.values_list("barber", "starts_at"))
        days = {
            at.astimezone(shop.zone).weekday() for at in free.values_list("starts_at", flat=True)
        }
        assert days.isdisjoint(CLOSED)
        assert free.exclude(external_id__startswith="demo-").count() == 0
    assert Opening.objects.exclude(shop__in=demo.shops).count() == 0


@pytest.mark.parametrize("days", [1, 6, 40])
def test_demonstration_that_is_started_later_has_free_times_again(demo, cedar, days):
    later = timezone.now() + dt.timedelta(days=days)
    mine = Opening.objects.for_shop(cedar).last()
    Opening.objects.filter(pk=mine.pk).update(duration_minutes=25)  # somebody tries admin out

    seed.build(now=later)
    seed.build(now=later)

    free = Opening.objects.for_shop(cedar)
    assert [
        barber
        for barber in Barber.objects.for_shop(cedar)
        if free.filter(barber=barber, starts_at__gt=later).count() < 2 * A_DAY
    ] == []
    kept = free.filter(pk=mine.pk).values_list("duration_minutes", flat=True)
    assert list(kept) == ([25] if mine.starts_at > later else [])


def test_free_times_of_the_demonstration_stand_in_messages_of_a_ready_template(cedar):
    said = template_versions.of_blueprint(BLUEPRINTS["rebook"])
    made = template_versions.start_from(said, shop=cedar, name="Rebook", category="rebook")

    def left_out():
        report = lint.check(made, now=timezone.now())
        assert report.checked["email"] > 0
        return [each.message for each in report.findings if "no free times" in each.message]

    assert left_out() == []
    Opening.objects.for_shop(cedar).delete()
    assert len(left_out()) == 1


def test_seed_a_second_time_changes_nothing(demo, db):
    models = (Customer, Appointment, ContactConsent, CampaignDefinition, User)
    before = [model.objects.count() for model in models]

    again = seed.build(now=timezone.now())

    assert (again.is_new, again.shops) == (False, demo.shops)
    assert [model.objects.count() for model in models] == before


def test_seed_command_prints_how_to_sign_in_and_keeps_its_token(
    demo, db, settings, tmp_path, capsys
):
    settings.DEMO, settings.VAR_DIR = True, tmp_path

    call_command("seed_demo")
    first = (tmp_path / "demo-token").read_text()
    call_command("seed_demo")

    said = capsys.readouterr().out
    assert f"{OWNER} / {PASSWORD}" in said
    assert f"{STAFF} / {PASSWORD}" in said
    assert (tmp_path / "demo-token").read_text() == first
    assert stat.S_IMODE((tmp_path / "demo-token").stat().st_mode) == 0o600
    assert ApiToken.objects.usable().count() == 1


def test_seed_accounts_see_what_they_should(demo, db):
    owner, staff = User.objects.get(email=OWNER), User.objects.get(email=STAFF)

    assert owner.check_password(PASSWORD)
    assert owner.is_superuser
    assert list(Barbershop.objects.for_user(staff)) == [demo.shops[0]]
    assert not staff.is_superuser


def test_saved_segments_have_weeks_of_movement(cedar):
    segments = CustomerSegment.objects.for_shop(cedar)
    sizes = SegmentSize.objects.for_shop(cedar)
    left = SegmentMembership.objects.for_shop(cedar).exclude(left_at=None)

    assert set(segments.values_list("ready_key", flat=True)) == set(KEYS)
    assert sizes.count() == len(KEYS) * (WEEKS + 1)
    assert min(sizes.values_list("size", flat=True)) > 0
    assert left.count() > 10
    assert not left.filter(why_left="").exists()
