"""The pages of segments: lists, one segment, the editor, the doors that change something."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import BarberFactory, MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.models import CampaignSegment
from campaigns.tests.factories import DefinitionFactory
from communications.models import Suppression
from customers.models import CustomerSegment
from customers.segments import saving, watching
from customers.tests.factories import AppointmentFactory, CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
LAPSED = {"last_visit_days": {"min": 60}}


@pytest.fixture
def staff(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.STAFF).user)
    return client


@pytest.fixture
def reader(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.READ_ONLY).user)
    return client


def visitor(shop, name, *, days, **fields):
    person = CustomerFactory(shop=shop, last_name=name, **fields)
    AppointmentFactory(customer=person, days_ago=days)
    return person


def test_list_shows_own_segments_with_size_and_change(staff, shop):
    visitor(shop, "Adams", days=70)
    now = timezone.now()
    segment = saving.create(shop=shop, name="Lapsed", rule=LAPSED, now=now - dt.timedelta(days=2))
    visitor(shop, "Brown", days=80)
    watching.watch(now=now)
    SegmentFactory(name="Intruder")

    (row,) = staff.get("/segments/").context["page_obj"].object_list

    assert (row.pk, row.size, row.change) == (segment.pk, 2, 1)
    assert row.spark.startswith("<svg")


def test_list_shows_no_size_of_a_rule_that_is_not_the_segments_any_more(staff, shop):
    visitor(shop, "Adams", days=70)
    now = timezone.now()
    segment = saving.create(shop=shop, name="Lapsed", rule=LAPSED, now=now - dt.timedelta(days=2))
    visitor(shop, "Brown", days=10)

    saving.change(segment, fields={"criteria": {}}, now=now)

    (row,) = staff.get("/segments/").context["page_obj"].object_list
    assert (row.size, row.change) == (2, 1)
    later = timezone.now()  # by somebody who does not look
    CustomerSegment.objects.update(criteria=LAPSED, criteria_changed_at=later)
    (row,) = staff.get("/segments/").context["page_obj"].object_list
    assert (row.size, row.change) == (None, None)


def test_lists_ask_the_same_with_one_row_and_with_three(staff, shop):
    assert_same_queries(
        staff,
        "/segments/",
        make=lambda: saving.create(
            shop=shop, name=f"S{CustomerSegment.objects.count()}", rule=LAPSED
        ),
    )
    assert_same_queries(staff, "/segments/ready/", make=lambda: BarberFactory(shop=shop))


def test_ready_ones_have_live_counts_and_are_taken_once(staff, shop):
    visitor(shop, "Adams", days=100)
    CustomerFactory(shop=shop)

    rows = {
        ready.key: count for ready, _, count, _ in staff.get("/segments/ready/").context["rows"]
    }
    assert (rows["lapsed"], rows["first-visit-only"], rows["vip"]) == (1, 1, 0)
    first = staff.post("/segments/ready/lapsed/take/")
    again = staff.post("/segments/ready/lapsed/take/")

    made = CustomerSegment.objects.get(shop=shop)
    assert first.url == again.url == f"/segments/{made.pk}/"
    taken = {ready.key: pk for ready, _, _, pk in staff.get("/segments/ready/").context["rows"]}
    assert taken["lapsed"] == made.pk
    assert staff.post("/segments/ready/nonsense/take/").status_code == 404


def test_detail_says_who_is_in_who_nearly_is_and_whom_a_message_could_reach(staff, shop):
    visitor(shop, "Adams", days=70)
    suppressed = visitor(shop, "Brown", days=80, phone="")
    Suppression.objects.create(
        shop=shop, channel="email", address_hmac=suppressed.email_hmac, cause="unsubscribed"
    )
    visitor(shop, "Close", days=58)
    visitor(shop, "Far", days=3)
    visitor(ShopFactory(), "Intruder", days=59)
    segment = saving.create(shop=shop, name="Lapsed", rule=LAPSED)

    answer = staff.get(f"/segments/{segment.pk}/")

    context = answer.context
    reach = context["reach"]
    assert (reach.people, reach.email, reach.sms) == (2, 1, 1)
    assert context["sentence"] == "Customers whose last visit was at least 60 days ago."
    assert [each.customer.last_name for each in context["inside"]] == ["Brown", "Adams"]
    assert [each.customer.last_name for each in context["outside"]] == ["Close", "Far"]
    assert [stay.why_entered for stay in context["entered"]] == ["first look", "first look"]
    assert context["used_by"] == []


def test_detail_asks_the_same_whoever_uses_it_and_however_long_its_history(staff, shop):
    for days in range(55, 65):
        visitor(shop, f"D{days}", days=days)
    start = timezone.now() - dt.timedelta(days=9)
    segment = saving.create(shop=shop, name="Lapsed", rule=LAPSED, now=start)

    def grow():
        link = CampaignSegment(shop=shop, definition=DefinitionFactory(shop=shop), segment=segment)
        link.save()
        segment.refresh_from_db()
        watching.look(segment, now=segment.watched_at + dt.timedelta(days=1))

    assert_same_queries(staff, f"/segments/{segment.pk}/", make=grow)


def test_sentences_name_rows_escaped_and_ask_for_them_once(staff, shop):
    barber = BarberFactory(shop=shop, first_name="<b>Tony</b>")
    inner = SegmentFactory(shop=shop, name="Lapsed & gone")
    rule = {"all": [{"preferred_barber": barber.pk}, {"in_segment": inner.pk}]}
    segment = SegmentFactory(shop=shop, criteria=rule)

    def grow():
        CustomerFactory(shop=shop, preferred_barber=barber)
        CustomerFactory(shop=shop)

    assert_same_queries(staff, f"/segments/{segment.pk}/", make=grow, rows=(5, 6))
    answer = staff.get(f"/segments/{segment.pk}/")

    assert answer.context["sentence"] == (
        'Customers who prefer barber <b>Tony</b> and who are in segment "Lapsed & gone".'
    )
    clauses = [each.deciding[0].sentence for each in answer.context["outside"]]
    assert clauses == ["who prefer barber <b>Tony</b>"] * 5
    assert b"who prefer barber &lt;b&gt;Tony&lt;/b&gt;" in answer.content
    assert b"<b>Tony" not in answer.content
    sentences = [sentence for _, sentence, _, _ in staff.get("/segments/ready/").context["rows"]]
    assert sentences[-1] == "Customers who prefer barber <b>Tony</b>."


def test_a_large_segment_says_that_only_its_size_is_kept(staff, shop, monkeypatch):
    monkeypatch.setattr(watching, "MOST_MEMBERS", 0)
    CustomerFactory(shop=shop)
    segment = saving.create(shop=shop, name="All", rule={})

    assert b"only its size is kept" in staff.get(f"/segments/{segment.pk}/").content


def test_stored_rules_that_cannot_be_read_are_said_to_be_so(staff, shop):
    segment = SegmentFactory(shop=shop, criteria={"last_visit_dais": {"min": 1}})

    answer = staff.get(f"/segments/{segment.pk}/")

    assert answer.status_code == 200
    assert "last_visit_days" in answer.context["broken"]
    assert staff.get(f"/segments/{segment.pk}/edit/").context["editor"].written != ""


def test_a_used_segment_is_not_deleted_and_the_page_names_who_uses_it(staff, shop):
    segment = SegmentFactory(shop=shop, name="Lapsed")
    campaign = DefinitionFactory(shop=shop, name="Come back")
    CampaignSegment.objects.create(shop=shop, definition=campaign, segment=segment, mode="exclude")
    path = f"/segments/{segment.pk}/delete/"

    answer = staff.post(path)

    said = "“Lapsed” is used by campaign “Come back”. Take it out there first."
    assert (answer.status_code, answer.context["blockers"]) == (409, [said])
    (use,) = staff.get(f"/segments/{segment.pk}/").context["used_by"]
    assert (use.kind, use.id, use.how) == ("campaign", campaign.pk, "leaves out those in it")
    campaign.campaign_segments.all().delete()
    assert staff.post(path).url == "/segments/"
    assert not CustomerSegment.objects.exists()


def test_campaigns_that_name_it_in_their_rules_use_it_too(staff, shop):
    segment = SegmentFactory(shop=shop)
    DefinitionFactory(shop=shop, target_criteria={"not": {"in_segment": segment.pk}})
    spoken = DefinitionFactory(shop=shop)
    spoken.variants.update(variations=[{"name": "x", "criteria": {"in_segment": [segment.pk]}}])

    uses = staff.get(f"/segments/{segment.pk}/").context["used_by"]

    assert sorted(use.how for use in uses) == [
        "asks for it in its rules",
        "has other words for those in it",
    ]


def test_who_only_reads_sees_everything_and_changes_nothing(reader, shop):
    segment = SegmentFactory(shop=shop)
    for path in ("/segments/", "/segments/ready/", f"/segments/{segment.pk}/"):
        page = reader.get(path)
        assert (page.status_code, page.context["may_write"]) == (200, False)
        offered = [word for word in (b'name="do"', b"/edit/", b"/take/") if word in page.content]
        assert offered == []
    for path in ("new", "ready/lapsed/take", f"{segment.pk}/edit", f"{segment.pk}/delete"):
        assert reader.post(f"/segments/{path}/", {"do": "save", "name": "Mine"}).status_code == 403
    assert CustomerSegment.objects.get() == segment


def test_anothers_segment_is_not_there(staff):
    theirs = SegmentFactory()

    for path in ("", "edit/", "delete/"):
        assert staff.get(f"/segments/{theirs.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/segments/", "/segments/ready/", "/segments/new/"])
def test_stranger_is_asked_to_sign_in(client, path):
    assert client.get(path).url == f"/login/?next={path}"
