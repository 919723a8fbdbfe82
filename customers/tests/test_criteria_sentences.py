"""What criteria say of themselves, word for word; and what is refused, where it stands."""

import pytest

from customers import criteria
from customers.criteria import CriteriaError

VIP, MANY, HIGH = {"tags": "vip"}, {"visit_count": {"min": 3}}, {"spending_tier": "high"}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "All customers."),
        ({"all": []}, "All customers."),
        ({"all": [VIP, MANY]}, "Customers who are tagged vip and who came at least 3 times."),
        ({"any": [VIP]}, "Customers who are tagged vip."),
        ({"any": [VIP, MANY]}, "Customers either who are tagged vip or who came at least 3 times."),
        (
            {"any": [VIP, MANY, HIGH]},
            "Customers either who are tagged vip, who came at least 3 times "
            "or who are in the highest third by spending.",
        ),
        ({"not": VIP}, "All customers, but not those who are tagged vip."),
        (
            {**MANY, "not": VIP},
            "Customers who came at least 3 times, but not those who are tagged vip.",
        ),
        (
            {"not": {**VIP, **MANY}},
            "All customers, but not those (who are tagged vip and who came at least 3 times).",
        ),
        (
            {"all": [{"not": VIP}, {"not": HIGH}], **MANY},
            "Customers who came at least 3 times, but neither those who are tagged vip "
            "nor those who are in the highest third by spending.",
        ),
        (
            {**MANY, "any": [{**VIP, **HIGH}, {"not": {"source": "csv"}}], "not": {"tags": "no"}},
            "Customers who came at least 3 times and either (who are tagged vip and who are in the "
            "highest third by spending) or who are not among those who came by a CSV "
            "import, "
            "but not those who are tagged no.",
        ),
        (
            {"not": {"not": VIP}},
            "All customers, but not those who are not among those who are tagged vip.",
        ),
        ({"not": {}}, "All customers, but not those who are on record."),
    ],
)
def test_operators_compose_to_a_sentence(raw, sentence):
    assert criteria.parse(raw).sentence() == sentence


CLAUSES = [
    ("name", "sam", "whose name contains sam"),
    ("tags", ["a", "b"], "who are tagged a or b"),
    ("tags_all", ["a", "b", "c"], "who are tagged a, b and c"),
    ("birthday_month", [1, 12], "whose birthday is in January or December"),
    ("birthday_this_month", True, "whose birthday is this month"),
    ("birthday_this_month", False, "whose birthday is not this month"),
    ("birthday_in_days", {"max": 7}, "whose birthday is within 7 days"),
    ("birthday_in_days", {"max": 0}, "whose birthday is today"),
    ("birthday_in_days", {"min": 3, "max": 7}, "whose birthday is in 3 to 7 days"),
    ("zip", ["100", "112"], "whose ZIP code begins with 100 or 112"),
    ("state", ["ny", "CA"], "who live in NY or CA"),
    ("time_zone", "America/Denver", "whose time zone is America/Denver"),
    ("preferred_barber", "tony", "who prefer barber tony"),
    ("source", ["sign_up", "csv"], "who came by the sign-up page or a CSV import"),
    ("language", "es", "who speak Spanish"),
    ("language", ["EN-gb", "tlh"], "who speak British English or tlh"),
    ("reachable", ["email", "sms"], "who have an address for email or SMS"),
    (
        "consent",
        {"channel": "sms", "decision": ["opted_in", "stale"]},
        "whose consent to SMS is opted in or stale",
    ),
    (
        "consent",
        {"channel": "email", "decision": "none", "topic": "appointments"},
        "whose consent to email about appointments is none",
    ),
    ("lifecycle_stage", "at_risk", "whose stage is at risk"),
    ("health_score", {"max": 40}, "whose health score is at most 40"),
    ("last_visit_days", {"min": 30, "max": 90}, "whose last visit was 30 to 90 days ago"),
    ("last_visit_days", {"max": 1}, "whose last visit was at most 1 day ago"),
    ("first_visit_days", {"max": 30}, "whose first visit was at most 30 days ago"),
    ("last_visit_on", {"from": "2026-05-01"}, "whose last visit was on or after 2026-05-01"),
    ("first_visit_on", {"to": "2026-05-01"}, "whose first visit was on or before 2026-05-01"),
    (
        "last_visit_on",
        {"from": "2026-05-01", "to": "2026-05-31"},
        "whose last visit was 2026-05-01 to 2026-05-31",
    ),
    ("visit_count", {"max": 0}, "who never came"),
    ("visit_count", {"min": 1}, "who came at least 1 time"),
    (
        "visit_count",
        {"min": 2, "days": 90, "service": "cut", "service_category": "Hair", "barber": ["tony", 7]},
        "who came at least 2 times for service cut for Hair with barber tony or 7 "
        "in the last 90 days",
    ),
    (
        "no_show_count",
        {"min": 1, "days": 1},
        "who stayed away from a booking at least 1 time in the last day",
    ),
    ("cancellation_count", {"max": 0}, "who never called a booking off"),
    ("has_upcoming_booking", True, "who have a booking ahead"),
    (
        "has_upcoming_booking",
        {"booked": False, "within_days": 14},
        "who have no booking ahead within 14 days",
    ),
    ("spending_tier", "low", "who are in the lowest third by spending"),
    ("total_spent", {"min": 10_000}, "who spent at least 10,000 in minor units"),
    (
        "total_spent",
        {"min": 1, "days": 30},
        "who spent at least 1 in minor units in the last 30 days",
    ),
    ("average_ticket", {"min": 4000}, "who pay at least 4,000 in minor units on average"),
    ("overdue_ratio", {"min": 1.2}, "who are at least 1.2 times their usual gap away"),
    ("overdue_ratio", {"min": 2, "max": 3}, "who are 2 to 3 times their usual gap away"),
    (
        "random_bucket",
        {"of": 10, "is": [1, 2], "salt": "spring"},
        'who are in random bucket 1 or 2 of 10 drawn for "spring"',
    ),
    ("sent_in_month", [6, 7], "who are written to in June or July"),
    ("in_segment", [3, 4], "who are in segment 3 or 4"),
]


@pytest.mark.parametrize(("name", "value", "clause"), CLAUSES)
def test_each_fact_says_what_is_asked(name, value, clause):
    assert criteria.parse({name: value}).sentence() == f"Customers {clause}."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"min": 0, "max": 0}, "exactly 0 {}s"),
        ({"max": 0}, "at most 0 {}s"),
        ({"min": 1}, "at least 1 {}"),
        ({"max": 1}, "at most 1 {}"),
        ({"min": 1, "max": 1}, "exactly 1 {}"),
        ({"min": 0, "max": 1}, "0 to 1 {}s"),
        ({"min": 1, "max": 2}, "1 to 2 {}s"),
        ({"min": 2}, "at least 2 {}s"),
        ({"max": 2}, "at most 2 {}s"),
        ({"min": 2, "max": 2}, "exactly 2 {}s"),
    ],
)
def test_one_is_said_in_the_singular_and_every_other_number_in_the_plural(asked, said):
    def clause(fact, value=asked):
        return criteria.parse({fact: value}).sentence()[len("Customers ") : -1]

    days, times = said.format("day"), said.format("time")
    assert clause("last_visit_days") == f"whose last visit was {days} ago"
    assert clause("first_visit_days") == f"whose first visit was {days} ago"
    assert clause("overdue_ratio") == f"who are {times} their usual gap away"
    for fact, verb in (
        ("visit_count", "came"),
        ("no_show_count", "stayed away from a booking"),
        ("cancellation_count", "called a booking off"),
    ):
        often = f"who never {verb}" if asked == {"max": 0} else f"who {verb} {times}"
        assert clause(fact) == often
        assert clause(fact, asked | {"days": 1}) == f"{often} in the last day"
        assert clause(fact, asked | {"days": 2}) == f"{often} in the last 2 days"
    if asked.get("min"):
        assert clause("birthday_in_days") == f"whose birthday is in {days}"
    elif asked["max"]:
        within = days.removeprefix("at most ").removeprefix("0 to ")
        within = within.removesuffix("s") if asked["max"] == 1 else within
        assert clause("birthday_in_days") == f"whose birthday is within {within}"


@pytest.mark.parametrize(("number", "said"), [(1, "1 day"), (2, "2 days")])
def test_a_booking_ahead_is_within_a_day_or_days(number, said):
    asked = criteria.parse({"has_upcoming_booking": {"within_days": number}})

    assert asked.sentence() == f"Customers who have a booking ahead within {said}."


def test_nothing_is_missing_where_backticks_are_left_out():
    for fact in criteria.FACTS.values():
        assert "the last days" not in fact.description.replace("`", ""), fact.name


def test_every_fact_of_this_floor_has_a_sentence_above():
    own = {name for name, fact in criteria.FACTS.items() if fact.group != "Engagement"}

    assert {name for name, _, _ in CLAUSES} == own


DEEP: dict = {}
for _ in range(8):
    DEEP = {"not": DEEP}


@pytest.mark.parametrize(
    ("raw", "path", "says"),
    [
        ({"any": []}, "any", "at least one"),
        ({"any": VIP}, "any", "list of objects"),
        ({"any": [VIP, {"tag": "x"}]}, "any.1.tag", "Did you mean tags"),
        ({"al": [VIP]}, "al", "Did you mean all"),
        ({"not": []}, "not", "object"),
        ({"not": {"all": [{"visit_count": {"mn": 1}}]}}, "not.all.0.visit_count.mn", "min"),
        ({"not": {"any": [3]}}, "not.any.0", "object"),
        (DEEP, ".".join(["not"] * 8), "at most 8 deep"),
        ({"any": [VIP] * 60, "all": [VIP] * 41}, "", "at most 100"),
        ({"any": [VIP] * 101}, "any", "at most 100"),
        ({"visit_count": {"min": 1, "service": [1.5]}}, "visit_count.service.0", "service's id"),
        ({"visit_count": {"days": 30}}, "visit_count", "min, max"),
        ({"birthday_in_days": {"max": 400}}, "birthday_in_days.max", "365"),
        ({"birthday_this_month": 1}, "birthday_this_month", "true or false"),
        ({"state": "NYC"}, "state", "Write one of AK"),
        ({"state": 3}, "state", "Write one of AK"),
        ({"time_zone": "America/NewYork"}, "time_zone", "Did you mean America/New_York"),
        ({"consent": {"channel": "sms"}}, "consent", "decision"),
        ({"consent": {"channel": "sms", "decision": "optedin"}}, "consent.decision", "opted_in"),
        ({"last_visit_on": {"from": "2026-02-30"}}, "last_visit_on.from", "2026-05-31"),
        ({"last_visit_on": {}}, "last_visit_on", "from, to"),
        (
            {"last_visit_on": {"from": "2026-02-03", "to": "2026-02-02"}},
            "last_visit_on",
            "is after",
        ),
        ({"has_upcoming_booking": {"within": 3}}, "has_upcoming_booking.within", "within_days"),
        ({"overdue_ratio": {"min": 1.234}}, "overdue_ratio.min", "two digits"),
        ({"overdue_ratio": {"min": float("nan")}}, "overdue_ratio.min", "number"),
        ({"overdue_ratio": {"min": 101}}, "overdue_ratio.min", "0 to 100"),
        ({"overdue_ratio": {"min": float("inf")}}, "overdue_ratio.min", "0 to 100"),
        ({"overdue_ratio": {"max": 10**400}}, "overdue_ratio.max", "0 to 100"),
        ({"random_bucket": {"of": 2, "is": 3}}, "random_bucket.is", "1 to 2"),
        ({"random_bucket": {"of": 2}}, "random_bucket", "Give is too"),
        ({"in_segment": "vip"}, "in_segment", "whole number"),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands(raw, path, says):
    with pytest.raises(CriteriaError) as refusal:
        criteria.parse(raw)

    assert refusal.value.path == path
    assert says in refusal.value.message


def test_leaves_stand_in_their_order_with_their_paths():
    parsed = criteria.parse({"any": [VIP, {"not": MANY}], **HIGH})

    assert [term.path for term in parsed.terms] == [
        "any.0.tags",
        "any.1.not.visit_count",
        "spending_tier",
    ]
