"""Whoever saves a form of rules without a change has changed nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barbershop.models import Barber, Membership, Service
from barbershop.tests.factories import BarberFactory, MembershipFactory, ServiceFactory
from barbershop.tests.sent_forms import sent
from campaigns.models import CampaignTemplateVersion
from campaigns.template_versions import Said, create
from campaigns.tests.criteria_worlds import draws
from campaigns.tests.criteria_worlds.draws import joined, maybe, ranges, some
from campaigns.tests.criteria_worlds.world import build
from campaigns.tests.factories import DefinitionFactory
from customers import criteria
from customers.models import Tag
from customers.segments import inputs
from customers.segments.rule_form import RulesEditor
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
ONE_WORLD = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
GONE = 10**9


@pytest.fixture
def staff(sign_in):
    return sign_in(Membership.Role.STAFF)


def saved_unchanged(client, url: str, *, having="rule-json"):
    page = client.get(url)
    return client.post(url, sent(page.content.decode(), having=having) | {"do": "save"})


def odd_leaves(world) -> dict:
    """What rows can say, in all the words for it; and rows of the shop that are gone."""
    shop = world.shop
    tony = Barber.objects.get(shop=shop, external_id="tony").pk
    cut = Service.objects.get(shop=shop, external_id="cut").pk
    counts = joined(
        ranges(0, 2),
        maybe(
            service=some(cut, "cut", "trim", "demo-s9", GONE),
            service_category=some("BEARD", "Hair", "hair", "nails and more"),
            barber=some(tony, "tony", "ana", str(tony), GONE),
        ),
    )
    messages = maybe(campaign=some(*(each.pk for each in world.campaigns), GONE))
    return draws.leaves(world) | {
        "preferred_barber": some(tony, "tony", "ana", str(tony), "demo-b9", GONE),
        "tags": some("vip", "VIP", "text club", "zz of nobody"),
        "tags_all": some("vip", "Beard", "zz of nobody"),
        "in_segment": some(*world.segments, GONE),
        "zip": some("1", "1,2", " 1 ", "967"),
        "state": some("ny", "NY", " hi ", "CA"),
        "language": some("en", "es,en"),
        **dict.fromkeys(("visit_count", "no_show_count", "cancellation_count"), counts),
        **dict.fromkeys(("received", "opened", "clicked", "replied"), messages),
    }


def rows_of(world):
    """Criteria that the form can mostly show in rows."""
    leaves = odd_leaves(world)
    leaf = st.sampled_from(sorted(leaves)).flatmap(
        lambda name: leaves[name].map(lambda value: {name: value})
    )
    several = st.lists(leaf | leaf.map(lambda one: {"not": one}), min_size=1, max_size=3)
    return leaf | several.map(lambda found: {"all": found}) | several.map(lambda f: {"any": f})


def test_any_criteria_are_as_they_were_after_a_save_without_a_change(client):
    world = build(11)
    client.force_login(MembershipFactory(shop=world.shop, role=Membership.Role.STAFF).user)
    segment = SegmentFactory(shop=world.shop, name="Drawn")

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=ONE_WORLD)
    @given(rows_of(world) | draws.trees(world))
    def save(raw):
        type(segment).objects.filter(pk=segment.pk).update(criteria=raw)

        answer = saved_unchanged(client, f"/segments/{segment.pk}/edit/")

        segment.refresh_from_db()
        assert segment.criteria == raw
        assert answer.status_code == (302 if may_be_stored(raw, world.shop, segment) else 400)

    save()


def may_be_stored(raw, shop, segment) -> bool:
    try:
        criteria.check(criteria.parse(raw), shop=shop, segment=segment.pk)
    except criteria.CriteriaError:
        return False
    return True


def boxes(shop, raw) -> dict[str, list[tuple[str, str]]]:
    """The ticked boxes of an editor by input: what they send, and what stands beside them."""
    (row,) = RulesEditor(shop=shop, raw=raw).rows
    return {
        name: [
            (box.data["value"], str(box.choice_label))
            for box in row[name].subwidgets
            if box.data["selected"]
        ]
        for name, field in row.fields.items()
        if hasattr(field, "choices")
    }


def test_what_is_not_there_to_choose_has_a_ticked_box_of_its_own(shop):
    barber = BarberFactory(shop=shop, first_name="Tony", last_name="", external_id="demo-b1")
    service = ServiceFactory(shop=shop, name="Trim", category="Beard", external_id="demo-s1")
    Tag.objects.create(shop=shop, name="text club")
    DefinitionFactory(shop=shop)
    counted = {
        "service": ["demo-s1", "demo-s9"],
        "service_category": ["BEARD", "nails"],
        "barber": GONE,
    }

    assert boxes(shop, {"preferred_barber": "demo-b1"}) == {"value": [('"demo-b1"', "Tony")]}
    assert boxes(shop, {"preferred_barber": [barber.pk, "demo-b1"]})["value"] == [
        (str(barber.pk), "Tony"),
        ('"demo-b1"', "Tony (demo-b1)"),
    ]
    assert boxes(shop, {"tags": ["text club", "zz"]})["value"] == [
        ("text club", "text club"),
        ("zz", "zz (no such tag yet)"),
    ]
    assert boxes(shop, {"state": [" ny ", "CA"]})["value"] == [("CA", "CA"), (" ny ", "NY")]
    assert boxes(shop, {"received": {"campaign": GONE}})["value-campaign"] == [
        (str(GONE), f"{GONE} (gone)")
    ]
    assert boxes(shop, {"visit_count": {"min": 1, **counted}}) == {
        "value-service": [('"demo-s1"', service.name), ('"demo-s9"', "demo-s9 (gone)")],
        "value-service_category": [("BEARD", "Beard"), ("nails", "nails (no such category yet)")],
        "value-barber": [(str(GONE), f"{GONE} (gone)")],
    }


def test_what_is_past_the_most_choices_stays_chosen_under_its_name(staff, shop, monkeypatch):
    monkeypatch.setattr(inputs, "MOST_CHOICES", 1)
    tags = [Tag.objects.create(shop=shop, name=name) for name in ("a first", "b second")]
    raw = {"tags": [tags[1].name]}
    segment = SegmentFactory(shop=shop, criteria=raw)

    assert boxes(shop, raw)["value"] == [("b second", "b second")]
    assert saved_unchanged(staff, f"/segments/{segment.pk}/edit/").status_code == 302

    segment.refresh_from_db()
    assert segment.criteria == raw


@pytest.mark.parametrize(
    "raw",
    [
        {"zip": "1,2"},
        {"tags": ["a, b", "c"], "name": "sam"},
        {"not": {"language": ["es,en"]}},
    ],
)
def test_words_that_a_row_would_not_send_back_are_shown_as_json(staff, shop, raw):
    segment = SegmentFactory(shop=shop, criteria=raw)

    assert RulesEditor(shop=shop, raw=raw).rows == []
    assert saved_unchanged(staff, f"/segments/{segment.pk}/edit/").status_code == 302

    segment.refresh_from_db()
    assert segment.criteria == raw


def test_an_id_is_no_external_id_where_nothing_is_there_to_choose(staff, shop):
    segment = SegmentFactory(shop=shop, criteria={"preferred_barber": GONE})

    assert saved_unchanged(staff, f"/segments/{segment.pk}/edit/").status_code == 400

    segment.refresh_from_db()
    assert segment.criteria == {"preferred_barber": GONE}
    assert RulesEditor(shop=shop, raw=segment.criteria).rows == []


def test_more_rules_than_the_form_has_rows_are_shown_as_json(staff, shop):
    raw = {"any": [{"visit_count": {"min": times}} for times in range(60)]}
    segment = SegmentFactory(shop=shop, criteria=raw)

    assert saved_unchanged(staff, f"/segments/{segment.pk}/edit/").status_code == 302

    segment.refresh_from_db()
    assert segment.criteria == raw


def test_what_is_gone_is_refused_by_name_until_its_box_is_not_ticked(staff, shop):
    service = ServiceFactory(shop=shop, name="Trim")
    raw = {"visit_count": {"min": 1, "service": [service.pk, GONE]}}
    segment = SegmentFactory(shop=shop, criteria=raw)
    url = f"/segments/{segment.pk}/edit/"

    refused = saved_unchanged(staff, url)

    assert refused.status_code == 400
    ((_, problem),) = refused.context["problems"]
    assert problem == f"Rule 1, Visit count: There is no service {GONE} in this shop."
    page = sent(refused.content.decode(), having="rule-json")
    assert page["rule-0-value-service"] == [str(service.pk), str(GONE)]
    added = staff.post(url, page | {"rule-new": ["tags"], "do": "add"})
    assert [row.fact.name for row in added.context["editor"].rows] == ["visit_count", "tags"]
    kept = sent(added.content.decode(), having="rule-json")
    assert kept["rule-0-value-service"] == [str(service.pk), str(GONE)]
    mended = page | {"rule-0-value-service": [str(service.pk)], "do": "save"}
    assert staff.post(url, mended).status_code == 302
    segment.refresh_from_db()
    assert segment.criteria == {"visit_count": {"min": 1, "service": [service.pk]}}


@pytest.mark.parametrize(
    "value", ["", "x", "1.0", "[1]", '"\\u0000"', '"\\ud800"', '"', "9" * 30, "\x00", "-1"]
)
def test_what_no_form_sends_is_refused_at_the_row(staff, shop, value):
    BarberFactory(shop=shop)
    data = {"name": "Odd", "rule-0-fact": "preferred_barber", "rule-0-value": value, "do": "save"}

    answer = staff.post("/segments/new/", data)

    assert (answer.status_code, len(answer.context["problems"])) == (400, 1)


def test_a_template_and_its_other_words_keep_their_rules(staff, shop):
    ServiceFactory(shop=shop, category="Beard", external_id="demo-s1")
    raw = {"visit_count": {"service_category": "BEARD", "service": "demo-s1", "min": 1}}
    other = {"name": "Club", "criteria": {"tags": "zz"}, "channels": {"sms": {"message": "Hi"}}}
    said = Said(
        channels={"sms": {"message": "Come again"}}, variations=[other], target_criteria=raw
    )
    template = create(shop=shop, name="Mine", said=said)
    Tag.objects.create(shop=shop, name="vip")

    for url in (
        f"/templates/{template.pk}/edit/",
        f"/templates/{template.pk}/variations/edit/?name=Club",
    ):
        assert saved_unchanged(staff, url).status_code == 302, url

    (only,) = CampaignTemplateVersion.objects.filter(template=template)
    assert (only.target_criteria, only.variations[0]["criteria"]) == (raw, {"tags": "zz"})
