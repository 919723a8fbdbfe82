"""What a walk is drawn from. What ends one early is rare, or most walks would be short."""

from hypothesis import strategies as st
from hypothesis.strategies._internal.featureflags import FeatureFlags

from communications.models import Dispatch
from communications.tests.ledger_machine import reports, world
from communications.tests.ledger_machine.provider import Fate
from customers.channels import Channel

# For hypothesis to leave no rule out of a walk; by itself it drops half of them.
EVERY_RULE = st.just(FeatureFlags())

EITHER = st.booleans()
MOSTLY = st.integers(0, 7).map(lambda number: number < 7)
SOMETIMES = st.integers(0, 3).map(lambda number: number == 3)
WHICH = st.integers(0, 20)  # of however many there are
MOST = st.integers(1, 5)

KIND = st.sampled_from([Dispatch.Kind.MARKETING, Dispatch.Kind.TRANSACTIONAL])
ONE_CHANNEL = st.sampled_from([Channel.EMAIL, Channel.SMS])
SOMEBODY = st.integers(0, world.PEOPLE - 1)
NUMBERS = st.lists(SOMEBODY, unique=True, min_size=2, max_size=6)
FATES = st.sampled_from([*Fate, *[Fate.ACCEPTS, Fate.ACCEPTS_AND_FAILS] * 3])
STORM = st.sampled_from([*[Fate.ACCEPTS_AND_FAILS, Fate.FAILS] * 3, *Fate])
REPORT = st.sampled_from(reports.KINDS)
DEATH = st.sampled_from(["before the gate", "after the gate"])
MEDDLING = st.sampled_from(["pause", "stop", "limit"] * 4 + ["cancel"])
SECONDS = st.sampled_from([1, 5, 9, 30, 61, 180, 400, 700, 3600, 2 * 3600 + 1, 26 * 3600 + 1])
LIMITS = st.sampled_from([10**9, 10**9, 40_000, 9_000, 500, 0])  # micros
