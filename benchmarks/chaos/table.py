"""What a run prints at its end."""

from collections import Counter
from collections.abc import Mapping

from benchmarks.chaos.books import STATES, Books

SHOWN = 20


def lines(
    *,
    title: str,
    done: Mapping[str, int],
    provider: Mapping,
    raised: Mapping[str, int],
    books: Books,
    notes: list[str],
) -> list[str]:
    """The table. ``provider``: its statistics; ``raised``: exceptions in the logs, by name."""
    out = ["", f" {title} ".center(78, "=")]
    out += _part("what was done", done)
    answers = Counter({f"answered {k}": v for k, v in provider["answers"].items()})
    out += _part("what the provider did", {"requests": provider["requests"], **answers})
    out += _part("  its faults", provider["faults"])
    out += _part("exceptions in the logs; outages cause some", raised)
    out += _part("the ledger", {name: books.states.get(name, 0) for name in STATES})
    out += ["", f"{'what is promised to be none':<50}{'found':>10}"]
    for name, found in books.promises.items():
        out.append(f"  {name:<48}{len(found):>10,}{'' if not found else '   NOT AS PROMISED'}")
        out += [f"      {each} {books.details.get(each, '')}" for each in found[:SHOWN]]
        out += [f"      and {len(found) - SHOWN} more"] * (len(found) > SHOWN)
    if books.pauses and not books.listed:
        notes = [*notes, "no answer to a pause lists the attempts begun; the ledger's times serve"]
    return [*out, "", *(f"note: {note}" for note in notes), "=" * 78]


def _part(name: str, figures: Mapping[str, int]) -> list[str]:
    return ["", name, *(f"  {what:<48}{number:>10,}" for what, number in sorted(figures.items()))]
