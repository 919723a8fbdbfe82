"""The shop's own templates: every version is kept, and an old one can be brought back."""

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import content, template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignTemplate, CampaignTemplateVersion, Offer
from campaigns.refusals import Conflict
from campaigns.template_versions import Said
from campaigns.tests.factories import DefinitionFactory, OfferFactory
from customers.criteria import CriteriaError

pytestmark = pytest.mark.django_db


def sms(words: str) -> Said:
    return Said(channels={"sms": {"message": words}})


def words_of(template) -> list[tuple]:
    rows = template.versions.order_by("number")
    return [(v.number, v.channels["sms"]["message"], v.restored_from) for v in rows]


def test_each_writing_is_a_version_and_nothing_new_is_none(shop):
    by = MembershipFactory(shop=shop).user
    template = template_versions.create(shop=shop, name="Spring!", said=sms("One"), by=by)

    second = template_versions.write(template, said=sms("Two"), note="Shorter", by=by)
    same = template_versions.write(template, said=sms("Two"), by=by)

    assert (template.key, second.number, second.note, same) == ("spring", 2, "Shorter", second)
    assert words_of(template) == [(1, "One", None), (2, "Two", None)]
    assert list(AuditEntry.objects.order_by("seq").values_list("action", "actor")) == [
        ("template.create", by.pk),
        ("template.write", by.pk),
    ]


def test_restoring_writes_a_new_version_and_can_be_undone_by_restoring(shop):
    template = template_versions.create(shop=shop, name="Spring", said=sms("One"))
    template_versions.write(template, said=sms("Two"))

    template_versions.restore(template, number=1)
    template_versions.restore(template, number=2)

    assert words_of(template) == [
        (1, "One", None),
        (2, "Two", None),
        (3, "One", 1),
        (4, "Two", 2),
    ]
    for number, code in ((4, "already_newest"), (9, "no_such_version")):
        with pytest.raises(Conflict) as refused:
            template_versions.restore(template, number=number)
        assert refused.value.code == code
    assert template.versions.count() == 4


def test_restoring_what_the_newest_says_already_adds_nothing_and_says_so(shop):
    template = template_versions.create(shop=shop, name="Spring", said=sms("One"))
    template_versions.write(template, said=sms("Two"))
    template_versions.restore(template, number=1)

    with pytest.raises(Conflict) as refused:
        template_versions.restore(template, number=1)

    assert (refused.value.code, refused.value.message) == (
        "already_newest",
        "Version 3, the newest, says the same as version 1: nothing was changed.",
    )
    assert words_of(template) == [(1, "One", None), (2, "Two", None), (3, "One", 1)]
    assert AuditEntry.objects.filter(action="template.restore").count() == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(channels={}), content.ContentError),
        (sms("Hi {{ nobody }}"), content.ContentError),
        (
            Said(
                channels={"sms": {"message": "Hi"}},
                variations=[
                    {
                        "name": "B",
                        "criteria": {"in_segment": 9},
                        "channels": {"sms": {"message": "Ho"}},
                    }
                ],
            ),
            content.ContentError,
        ),
        (
            Said(channels={"sms": {"message": "Hi"}}, target_criteria={"in_segment": 9}),
            CriteriaError,
        ),
    ],
)
def test_what_no_campaign_could_say_is_not_kept(shop, said, error):
    with pytest.raises(error):
        template_versions.create(shop=shop, name="Wrong", said=said)

    assert CampaignTemplate.objects.count() == 0


def test_keys_are_made_from_names_and_never_taken_twice(shop):
    template_versions.create(shop=ShopFactory(), name="Spring", said=sms("Theirs"))
    names = ["Spring", "Spring", "Welcome", "🎄"]

    keys = [template_versions.create(shop=shop, name=n, said=sms("Hi")).key for n in names]

    assert keys == ["spring", "spring-2", "welcome-2", "template"]
    for key in ("spring", "welcome"):
        with pytest.raises(Conflict) as refused:
            template_versions.create(shop=shop, name="Other", key=key, said=sms("Hi"))
        assert refused.value.code == "key_taken"
    assert CampaignTemplateVersion.objects.filter(shop=shop).count() == 4


def test_putting_away_and_describing_leave_the_versions_alone(shop):
    template = template_versions.create(shop=shop, name="Spring", said=sms("One"))

    template_versions.archive(template)
    template_versions.describe(template, name="May", category="seasonal", description="In May")
    template_versions.describe(template, name="May", category="seasonal", description="In May")
    template.refresh_from_db()
    assert (template.archived_at is None, template.name, template.key) == (False, "May", "spring")

    template_versions.unarchive(template)
    template.refresh_from_db()
    assert template.archived_at is None
    assert words_of(template) == [(1, "One", None)]
    actions = AuditEntry.objects.order_by("seq").values_list("action", flat=True)
    assert list(actions) == [
        "template.create",
        "template.archive",
        "template.describe",
        "template.unarchive",
    ]


def test_campaign_becomes_a_template_and_the_template_the_same_campaign(shop):
    offer = OfferFactory(shop=shop, value=15, valid_days=10)
    channels = {"sms": {"message": "Hi", "personalization": True}}
    first = DefinitionFactory(
        shop=shop,
        campaign_type="sms",
        channels=channels,
        target_criteria={"visit_count": {"min": 2}},
        primary_goal="more",
        offer=offer,
    )

    said = template_versions.of_campaign(first)
    made = template_versions.start_from(said, shop=shop, name="Again", category="birthday")

    assert (made.status, made.campaign_type, made.category) == ("draft", "sms", "birthday")
    assert (made.target_criteria, made.primary_goal) == (first.target_criteria, "more")
    assert made.variants.get().channels == channels
    assert (made.offer.kind, made.offer.value, made.offer.valid_days) == ("percent", 15, 10)
    assert made.offer_id != offer.pk


def test_offer_that_is_no_percentage_is_left_out(shop):
    offer = OfferFactory(shop=shop, kind=Offer.Kind.AMOUNT, value=500)
    channels = {"sms": {"message": "Hi"}}
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=channels, offer=offer)

    said = template_versions.of_campaign(definition)

    assert (said.discount_percent, said.valid_days) == (None, None)


@pytest.mark.parametrize("key", BLUEPRINTS)
def test_every_ready_message_can_be_started_from_and_taken(shop, key):
    blueprint = BLUEPRINTS[key]

    for index, step in enumerate(blueprint.steps):
        said = template_versions.of_blueprint(blueprint, step=index)
        made = template_versions.start_from(
            said, shop=shop, name=step.name, category=blueprint.category
        )
        own = template_versions.create(shop=shop, name=step.name, said=said)
        variant = made.variants.get()
        assert [v["name"] for v in variant.variations] == [v["name"] for v in step.variations]
        assert own.versions.get().channels == variant.channels
        assert made.category == key


def test_who_began_with_an_older_version_writes_only_what_is_said_already(shop):
    template = template_versions.create(shop=shop, name="Spring", said=sms("One"))
    template_versions.write(template, said=sms("Two"), base=1)

    with pytest.raises(Conflict) as refused:
        template_versions.write(template, said=sms("Three"), base=1)
    same = template_versions.write(template, said=sms("Two"), base=1)

    assert (refused.value.code, refused.value.message) == (
        "version_changed",
        "Version 2 is the newest: read it before you write.",
    )
    assert (same.number, words_of(template)) == (2, [(1, "One", None), (2, "Two", None)])


def test_name_that_somebody_has_changed_since_is_left(shop):
    template = template_versions.create(shop=shop, name="Spring", said=sms("One"))
    stale = CampaignTemplate.objects.get(pk=template.pk)
    template_versions.describe(template, name="May", category="", description="")

    with pytest.raises(Conflict) as refused:
        template_versions.describe(stale, name="June", category="", description="")

    assert refused.value.code == "version_changed"
    assert CampaignTemplate.objects.get(pk=template.pk).name == "May"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_began_with_one_version_one_alone_writes(tmp_path):
    with database_in_a_file(tmp_path):
        template = template_versions.create(shop=ShopFactory(), name="Spring", said=sms("One"))

        def write(n):
            try:
                return template_versions.write(template, said=sms(f"By {n}"), base=1).number
            except Conflict as refused:
                return refused.code

        assert sorted(map(str, at_once(4, write))) == ["2", *3 * ["version_changed"]]
        assert [number for number, _, _ in words_of(template)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_each_has_a_number_of_his_own(tmp_path):
    with database_in_a_file(tmp_path):
        template = template_versions.create(shop=ShopFactory(), name="Spring", said=sms("One"))

        made = at_once(4, lambda n: template_versions.write(template, said=sms(f"By {n}")).number)

        assert sorted(made) == [2, 3, 4, 5]
        assert [number for number, _, _ in words_of(template)] == [1, 2, 3, 4, 5]
