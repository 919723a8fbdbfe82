"""Random criteria: a leaf for every fact, and trees of them."""

from hypothesis import strategies as st

from campaigns.tests.criteria_worlds.world import TAGS, World


def some(*values):
    """One value, or a list of them."""
    one = st.sampled_from(values)
    return one | st.lists(one, min_size=1, max_size=3)


def ranges(*ends):
    low, high = st.sampled_from(ends), st.sampled_from(ends)
    both = st.tuples(low, high).map(lambda pair: {"min": min(pair), "max": max(pair)})
    return low.map(lambda end: {"min": end}) | high.map(lambda end: {"max": end}) | both


def joined(*parts):
    return st.tuples(*parts).map(
        lambda found: {key: v for part in found for key, v in part.items()}
    )


def maybe(**parts):
    return st.fixed_dictionaries({}, optional=parts)


def dates():
    day = st.sampled_from(["2027-12-20", "2028-01-20", "2028-02-01", "2028-02-20"])
    both = st.tuples(day, day).map(lambda pair: {"from": min(pair), "to": max(pair)})
    return both | day.map(lambda one: {"from": one}) | day.map(lambda one: {"to": one})


def leaves(world: World) -> dict:
    windows = st.sampled_from([1, 7, 30, 60])
    counts = joined(
        ranges(0, 1, 2, 3),
        maybe(
            days=windows,
            service=some("cut", "trim"),
            service_category=some("hair", "Beard", "ärmel HAIR"),
            barber=some("tony", "ana"),
        ),
    )
    messages = maybe(
        campaign=some(*(campaign.pk for campaign in world.campaigns)),
        times=st.integers(1, 4),
        days=windows,
        channel=some("email", "sms"),
    )
    consent = st.fixed_dictionaries(
        {
            "channel": st.sampled_from(["email", "sms"]),
            "decision": some("opted_in", "opted_out", "unproven", "stale", "none"),
        },
        optional={"topic": st.sampled_from(["marketing", "appointments"])},
    )
    ages = ranges(0, 1, 7, 30, 59, 60)
    return {
        "name": st.sampled_from(["sam", "AN", "sam ray"]),
        "tags": some(*TAGS, "VIP", "do not  text", "unused"),
        "tags_all": some(*TAGS, "Vip", "DO NOT TEXT"),
        "preferred_barber": some("tony", "ana"),
        "language": some("en", "es", "EN-gb"),
        "source": some("staff", "csv", "sign_up"),
        "reachable": some("email", "sms"),
        "lifecycle_stage": some("new", "active", "at_risk"),
        "health_score": ranges(0, 40, 41, 100),
        "birthday_month": some(2, 3, 12),
        "sent_in_month": some(2, 3, 7),
        "birthday_this_month": st.booleans(),
        "birthday_in_days": ranges(0, 7, 8, 9, 10, 300, 365),
        "zip": some("1", "967", "11201"),
        "state": some("NY", "ny", "CA", "HI", "AS", "SD"),
        "time_zone": some("America/New_York", "America/Chicago", "America/Denver"),
        "consent": consent,
        "last_visit_days": ages,
        "first_visit_days": ages,
        "last_visit_on": dates(),
        "first_visit_on": dates(),
        "has_upcoming_booking": st.booleans()
        | maybe(booked=st.booleans(), within_days=st.sampled_from([1, 7])),
        "visit_count": counts,
        "no_show_count": counts,
        "cancellation_count": counts,
        "spending_tier": st.sampled_from(["low", "medium", "high"]),
        "total_spent": joined(ranges(0, 1, 2500, 4000, 8000), maybe(days=windows)),
        "average_ticket": ranges(0, 1000, 1750, 2500, 4000),
        "overdue_ratio": ranges(0, 0.5, 1, 1.25, 2),
        "random_bucket": st.fixed_dictionaries(
            {"of": st.just(4), "is": some(1, 2, 3, 4)}, optional={"salt": st.just("spring")}
        ),
        "in_segment": some(*world.segments),
        **dict.fromkeys(("received", "opened", "clicked", "replied"), messages),
    }


def trees(world: World, facts: frozenset[str] | None = None):
    """Objects of leaves, and of objects in objects; of these facts alone when they are given."""
    by_fact = {name: leaf for name, leaf in leaves(world).items() if not facts or name in facts}
    one = st.sampled_from(sorted(by_fact)).flatmap(
        lambda name: by_fact[name].map(lambda value: {name: value})
    )

    def wider(inner):
        objects = st.lists(inner, min_size=1, max_size=3)
        nested = (
            st.fixed_dictionaries({}, optional={"all": objects, "any": objects, "not": inner})
            | objects.map(lambda found: {"any": found})
            | inner.map(lambda found: {"not": found})
        )
        return joined(inner, nested)

    return st.recursive(one, wider, max_leaves=6)
