"""Links of one message fetched in one breath: a program did it, whatever it calls itself.

Security gateways fetch the links of a mail with the name of an ordinary browser, and often twice;
what gives them away is that they fetch all of them at once. There is no standard for it. Published
rules of the field take several different links within two seconds, or every link of the message,
for a machine's; five seconds leave room for reports that tell whole seconds only.

A person who opens two links in tabs at once is not counted; one who opens one link, or two a minute
apart, is. Of a message with one link a quick second visit is all that tells a program from a
person, so somebody who clicks double on it is not counted either, until he comes back.
"""

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

TOGETHER = dt.timedelta(seconds=5)
AGAIN = dt.timedelta(seconds=2)  # for an only link: a person opens it, goes back, opens it again
ROUND = dt.timedelta(seconds=60)  # for a slow program that goes through all links twice

LINKS_AT_ONCE = "several links at once"
EVERY_LINK_TWICE = "every link twice"
REASONS = frozenset({LINKS_AT_ONCE, EVERY_LINK_TWICE})


@dataclass(frozen=True, slots=True)
class Visit:
    link: Hashable
    at: dt.datetime


def reasons(visits: Sequence[Visit], *, links: int) -> list[str]:
    """Tell for each visit to one message why it is a machine's; "" for a person's.

    A further visit never makes another one a person's again, so the order in which visits become
    known does not matter.

    Args:
        links: how many links the message has; 0 when that is not known.
    """
    order = sorted(range(len(visits)), key=lambda number: visits[number].at)
    ordered = [visits[number] for number in order]
    at_once = _at_once(ordered)
    twice = _every_link_twice(ordered, links=links)
    found = [""] * len(visits)
    for place, number in enumerate(order):
        if place in at_once:
            found[number] = LINKS_AT_ONCE
        elif place in twice:
            found[number] = EVERY_LINK_TWICE
    return found


def _at_once(ordered: list[Visit]) -> set[int]:
    """Places of visits that have one to another link close to them, before or after."""
    return _close_to_another(ordered, places=range(len(ordered))) | _close_to_another(
        ordered, places=range(len(ordered) - 1, -1, -1)
    )


def _close_to_another(ordered: list[Visit], *, places: range) -> set[int]:
    found: set[int] = set()
    last: Visit | None = None
    other: Visit | None = None  # the last one to another link than ``last``
    for place in places:
        visit = ordered[place]
        if last is not None and last.link != visit.link:
            other = last
        if other is not None and abs(visit.at - other.at) <= TOGETHER:
            found.add(place)
        last = visit
    return found


def _every_link_twice(ordered: list[Visit], *, links: int) -> set[int]:
    """Places of visits in a stretch of time in which each link was visited at least twice."""
    if not links:
        return set()
    span = AGAIN if links == 1 else ROUND
    found: set[int] = set()
    visited: Counter[Hashable] = Counter()
    start = 0
    for place, visit in enumerate(ordered):
        visited[visit.link] += 1
        while visit.at - ordered[start].at > span:
            visited[ordered[start].link] -= 1
            start += 1
        if sum(times > 1 for times in visited.values()) >= links:
            found.update(range(start, place + 1))
    return found
