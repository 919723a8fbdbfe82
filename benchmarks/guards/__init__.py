"""Proof that the tests would notice: each guard is taken out, and its tests must fail."""

from benchmarks.guards import begin, keys, outcome

GUARDS = [*begin.GUARDS, *outcome.GUARDS, *keys.GUARDS]
