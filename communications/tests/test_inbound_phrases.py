"""How well answers are understood, measured on labelled phrases (COMPLIANCE: 98 % and 5 %).

``labelled.csv`` is halved by a hash of the phrase: the rules were made looking at the seen half
alone, and at ``tuning.csv``. ``held_out.csv``, where it is present, was written by somebody who did
not make the rules.
"""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from communications.inbound.meaning import Meaning, meaning

PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = {"en", "es", "fr"}
MEANINGS = {"revoke", "talk", "help", "start", "unsure"}
RECALL, FALSE_REVOKES, HELD_TALK = 0.98, 0.05, 0.15


def phrases(name: str) -> list[dict[str, str]]:
    with (PHRASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def half(phrase: str) -> str:
    return "unseen" if hashlib.sha256(phrase.encode()).digest()[0] % 2 else "seen"


def sets() -> dict[str, list[dict[str, str]]]:
    labelled = phrases("labelled.csv")
    found = {
        name: [row for row in labelled if half(row["text"]) == name] for name in ("seen", "unseen")
    }
    found["seen"] += phrases("tuning.csv")
    if (PHRASES / "held_out.csv").exists():
        found["held_out"] = phrases("held_out.csv")
    return found


def outcomes(rows, labelled_as: str) -> Counter:
    return Counter(meaning(row["text"]) for row in rows if row["meaning"] == labelled_as)


def share(count: Counter, *meanings: Meaning) -> float:
    return sum(count[one] for one in meanings) / count.total()


def missed(rows, labelled_as: str, wrong) -> list[tuple[str, str]]:
    """Shown when a measure fails."""
    found = (
        (meaning(row["text"]).value, row["text"]) for row in rows if row["meaning"] == labelled_as
    )
    return [(said, text) for said, text in found if wrong(said)]


@pytest.mark.parametrize("name", sets())
def test_revocations_are_stopped_or_held(name, record_property):
    rows = sets()[name]
    found = outcomes(rows, "revoke")
    record_property("stopped at once", round(share(found, Meaning.STOP), 3))

    recall = share(found, Meaning.STOP, Meaning.HELD)

    assert recall >= RECALL, missed(rows, "revoke", lambda said: said not in {"stop", "held"})


@pytest.mark.parametrize("name", sets())
def test_talk_is_hardly_ever_taken_for_a_revocation(name, record_property):
    rows = sets()[name]
    found = outcomes(rows, "talk")
    held = share(found, Meaning.HELD)
    record_property("talk held", round(held, 3))

    assert share(found, Meaning.STOP) <= FALSE_REVOKES, missed(rows, "talk", "stop".__eq__)
    assert held <= HELD_TALK, missed(rows, "talk", "held".__eq__)


@pytest.mark.parametrize("name", sets())
@pytest.mark.parametrize("labelled_as", ["help", "start"])
def test_asking_for_something_stops_nothing(name, labelled_as):
    assert outcomes(sets()[name], labelled_as)[Meaning.STOP] == 0


def test_the_labelled_set_is_as_large_and_as_mixed_as_it_must_be():
    rows = phrases("labelled.csv")
    texts = [row["text"].casefold() for row in rows]
    halves = Counter(half(row["text"]) for row in rows)

    assert len(rows) >= 200
    assert len(set(texts)) == len(texts)
    assert {row["language"] for row in rows} == LANGUAGES
    assert {row["meaning"] for row in rows} == MEANINGS
    assert min(halves.values()) > 0.4 * len(rows)
