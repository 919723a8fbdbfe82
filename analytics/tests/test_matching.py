"""What somebody lacks to be in an audience, also beneath "not" and of alternatives."""

import datetime as dt
import random
from itertools import product

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from analytics import explained, explainer, matching
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns.tests.factories import DefinitionFactory
from customers import criteria, erasure
from customers.models import CustomerTag, Tag
from customers.segments import tree
from customers.segments.tree import Leaf
from customers.tests.factories import AppointmentFactory, CustomerFactory, SegmentFactory

DAY = dt.timedelta(days=1)
CLUB = {"not": {"tags": "text club"}, "last_visit_days": {"min": 30}}
LAPSED = "whose last visit was at least 30 days ago"
DASH = "\N{EN DASH} "
ENOUGH = "one of these is enough"


@pytest.fixture
def shop():
    found = ShopFactory()
    for name in ("text club", "VIP"):
        Tag.objects.create(shop=found, name=name)
    return found


@pytest.fixture
def customer(shop):
    """Here 9 days ago, a member of nothing."""
    found = CustomerFactory(shop=shop)
    AppointmentFactory(customer=found, starts_at=timezone.now() - 9 * DAY)
    return found


def campaign(shop, raw):
    return DefinitionFactory(shop=shop, target_criteria=raw)


def explained_in_api(definition, customer):
    path = f"/api/campaigns/{definition.pk}/explain?customer={customer.pk}"
    answer = token_client(definition.shop).get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def page_of(client, definition, customer):
    client.force_login(MembershipFactory(shop=definition.shop).user)
    why = reverse("campaign-why", args=[definition.pk])
    return client.get(why, {"customer": customer.pk})


@pytest.mark.django_db
def test_what_must_not_be_so_and_is_not_so_is_not_missing(client, shop, customer, capsys):
    definition = campaign(shop, CLUB)

    said = explained_in_api(definition, customer)
    page = page_of(client, definition, customer)
    call_command("explain", campaign=definition.pk, customer=customer.pk)

    assert (said["waits_for"], said["missing"]) == (LAPSED, LAPSED)
    club, lapsed = said["criteria"]
    kept = {"path": "not.tags", "sentence": "who are tagged text club", "holds": False}
    assert club == kept | {
        "found": club["found"],
        "is_wanted": False,
        "passes": True,
        "decides": False,
    }
    assert (lapsed["is_wanted"], lapsed["passes"], lapsed["decides"]) == (True, False, True)
    asked = [(row["asked"], row["passes"]) for row in page.context["criteria_rows"]]
    assert asked == [("not among those who are tagged text club", True), (LAPSED, False)]
    assert page.context["conclusion"].endswith(f"What is missing until then: {LAPSED}.")
    printed = capsys.readouterr().out
    assert "  yes  not among those who are tagged text club: " in printed
    assert page.context["conclusion"] in printed


@pytest.mark.django_db
def test_what_must_not_be_so_and_is_so_does_not_pass(client, shop, customer):
    definition = campaign(shop, {"not": {"last_visit_days": {"max": 30}}})

    said = explained_in_api(definition, customer)
    page = page_of(client, definition, customer)

    recent = "not among those whose last visit was at most 30 days ago"
    assert said["waits_for"] == recent
    (row,) = page.context["criteria_rows"]
    assert (row["asked"], row["passes"]) == (recent, False)
    body = page.content.decode()
    criteria_table = body[body.index("Holds") : body.index("</table>")]
    assert ("Yes" in criteria_table, "No" in criteria_table) == (False, True)


@pytest.mark.django_db
def test_of_alternatives_it_is_said_that_one_is_enough(client, shop, customer):
    either = {"any": [{"tags": "VIP"}, {"last_visit_days": {"min": 30}}]}
    definition = campaign(shop, either | {"visit_count": {"min": 1}})

    said = explained_in_api(definition, customer)
    page = page_of(client, definition, customer)

    assert said["waits_for"] == f"who are tagged VIP, or {LAPSED} ({ENOUGH})"
    rows = [(row["depth"], row["sentence"], row["passes"]) for row in said["asked"]]
    assert rows == [
        (0, ENOUGH, False),
        (1, "who are tagged VIP", False),
        (1, LAPSED, False),
        (0, said["criteria"][2]["sentence"], True),
    ]
    shown = [row["asked"] for row in page.context["criteria_rows"]]
    assert shown == [f"{DASH * depth}{sentence}" for depth, sentence, _ in rows]


@pytest.mark.django_db
def test_alternative_that_fails_beside_one_that_is_enough_decides_nothing(client, shop, customer):
    definition = campaign(shop, {"any": [{"tags": "VIP"}, {"visit_count": {"min": 1}}]})

    said = explained_in_api(definition, customer)
    page = page_of(client, definition, customer)

    assert (said["matches"], said["missing"]) == (True, "")
    assert [(each["passes"], each["decides"]) for each in said["criteria"]] == [
        (False, False),
        (True, True),
    ]
    body = page.content.decode()
    assert "chip-bad" not in body[body.index("Holds") : body.index("</table>")]


@pytest.mark.django_db
def test_what_is_missing_is_said_also_when_no_time_brings_it(shop, customer):
    definition = campaign(shop, {"not": {"visit_count": {"min": 1}, "last_visit_days": {"min": 1}}})
    found = explainer.explain(definition, customer)

    conclusion = explained.conclusion(found, customer=customer, zone=shop.zone)

    came, last = found.criteria
    assert found.missing == (
        f"(not among those {came.sentence}), or (not among those {last.sentence}) ({ENOUGH})"
    )
    assert conclusion.endswith(f"What is missing: {found.missing}. Waiting alone changes nothing.")


@pytest.mark.django_db
def test_one_included_segment_is_enough_and_an_excluded_one_turns_its_criteria_round(
    client, shop, customer
):
    definition = campaign(shop, {})
    segments = (("VIPs", {"tags": "VIP"}, "include"), ("Spanish", {"language": "es"}, "include"))
    been = ("Been", {"visit_count": {"min": 1}, "last_visit_days": {"max": 99}}, "exclude")
    for name, raw, mode in (*segments, been):
        segment = SegmentFactory(shop=shop, name=name, criteria=raw)
        definition.campaign_segments.create(shop=shop, segment=segment, mode=mode)

    said = explained_in_api(definition, customer)
    page = page_of(client, definition, customer)

    assert said["missing"] == (
        f"who are in segment “VIPs”, or who are in segment “Spanish” ({ENOUGH}); "
        "not among those who are in segment “Been”"
    )
    (out,) = (each for each in said["segments"] if each["mode"] == "exclude")
    assert (out["is_in"], [each["passes"] for each in out["criteria"]]) == (True, [False, False])
    last = [(row["asked"], row["passes"]) for row in page.context["criteria_rows"]][-4:]
    assert last[0] == ("not among those who are in segment “Been”", False)
    assert last[1] == (f"{DASH}“Been”: one of these is enough", False)
    assert all(asked.startswith(f"{DASH * 2}“Been”: not among") for asked, _ in last[2:])
    assert sum(each["decides"] for each in said["criteria"]) == 0


@pytest.mark.django_db
def test_criteria_that_mean_nobody_say_so(shop, customer):
    found = explainer.explain(campaign(shop, {"not": {}}), customer)

    assert found.missing == "nobody can meet the criteria"
    assert [(each.sentence, each.passes) for each in found.asked] == [(found.missing, False)]


@pytest.mark.django_db
def test_who_was_recorded_later_lacks_that(shop, customer):
    then = customer.created_at - DAY

    found = explainer.explain(campaign(shop, {}), customer, now=then)

    assert (found.missing, found.qualifies_at) == ("who are recorded by then", customer.created_at)


@pytest.mark.django_db
def test_who_was_erased_lacks_that(shop, customer):
    erasure.erase(customer, reason="He asked for it.")
    customer.refresh_from_db()

    found = explainer.explain(campaign(shop, {}), customer)

    assert (found.matches, found.missing) == (False, "whose data was not erased")


def random_criteria(chance, tags, depth=0) -> dict:
    """Each leaf asks for another tag, so that each can be turned alone."""
    kinds = ["tags"] if depth > 3 else ["tags", "tags", "not", "all", "any", "empty"]
    match chance.choice(kinds):
        case "tags":
            return {"tags": next(tags)}
        case "not":
            return {"not": random_criteria(chance, tags, depth + 1)}
        case "empty":
            return {}
        case word:
            parts = range(chance.randint(1, 3))
            return {word: [random_criteria(chance, tags, depth + 1) for _ in parts]}


def ways(node):
    """Every set of leaves that would do, as the sentence says it."""
    if isinstance(node, Leaf):
        return [{node.index}]
    found = [ways(part) for part in node.parts]
    if node.needs_all:
        return [set().union(*each) for each in product(*found)]
    return [way for part in found for way in part]


@pytest.mark.parametrize("seed", range(400))
def test_of_any_tree_each_way_that_is_said_makes_it_true_and_needs_every_leaf(seed):
    chance = random.Random(seed)
    parsed = criteria.parse(random_criteria(chance, (f"t{n}" for n in range(100))))
    held = [chance.random() < 0.5 for _ in parsed.terms]

    def is_true(turned=()):
        return parsed.root.holds(iter([now != (n in turned) for n, now in enumerate(held)]))

    lacking = tree.lacking(tree.of(parsed), lambda leaf: held[leaf.index])

    assert (lacking is None) == is_true()
    if lacking == tree.FALSE:
        everything = product((False, True), repeat=min(len(held), 10))
        assert len(held) > 10 or not any(parsed.root.holds(iter(each)) for each in everything)
    elif lacking is not None:
        for way in ways(lacking)[:50]:
            assert is_true(way)
            assert not any(is_true(way - {leaf}) for leaf in way)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(25))
def test_who_turns_all_that_decides_is_in_the_audience(shop, seed):
    chance = random.Random(seed)
    raw = random_criteria(chance, (f"t{n}" for n in range(100)))
    member, definition = CustomerFactory(shop=shop), campaign(shop, raw)
    tags = [term.value for term in criteria.parse(raw).terms]
    rows = [Tag.objects.create(shop=shop, name=f"t{n}") for n in range(len(tags))]
    for row in rows:
        if chance.random() < 0.5:
            CustomerTag.objects.create(shop=shop, customer=member, tag=row)

    before = explainer.explain(definition, member)
    for row, each in zip(rows, before.criteria, strict=True):
        if each.decides and not each.passes:
            had, _ = CustomerTag.objects.filter(customer=member, tag=row).delete()
            if not had:
                CustomerTag.objects.create(shop=shop, customer=member, tag=row)
    after = explainer.explain(definition, member)

    assert (before.missing == "", after.missing == "") == (before.matches, after.matches)
    assert after.matches == (before.missing != matching.NOBODY)
