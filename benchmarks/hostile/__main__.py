"""``python -m benchmarks.hostile``: how long texts take that were written to take long.

Templates that are refused, stored ones that are not evaluated, what is allowed at its largest, and
long answers: none may take the processor a second. Beside them stands a letter as owners write it.
Needs no database.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import django

PROMISED = 1.0  # seconds of the processor for one text
SHOWN = 12
LETTER = "Hi {{ customer_first_name | default: 'there' }}, your chair at {{ shop_name }} is free."
ANSWERS = ("stop ", "no more ", "a", "dont ", "~ ", ". ", "x1 ")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.tests.settings")
    django.setup()
    letter = min(_seconds(_send, LETTER) for _ in range(5))
    taken = sorted(_all(), reverse=True)
    print(f"A letter is checked, made safe and written in {letter * 1000:.1f} ms.\n")
    print(f"{'seconds':>8}  {'letters':>7}  text")
    for seconds, name in taken[:SHOWN]:
        print(f"{seconds:8.3f}  {seconds / letter:7.0f}  {name}")
    slow = [name for seconds, name in taken if seconds >= PROMISED]
    print(f"\n{len(taken)} texts, the slowest {taken[0][0]:.2f} s; promised: under {PROMISED:g} s")
    return 1 if slow else 0


def _all() -> Iterator[tuple[float, str]]:
    from communications import merge_fields, rendering
    from communications.inbound.meaning import meaning
    from communications.tests.drafted import draft, row
    from communications.tests.hostile_templates import LARGEST, REFUSED

    for name, text in REFUSED.items():
        yield _seconds(merge_fields.validate, text), f"{name}: refused"
        page = f"<p>{text}</p>"
        yield (
            _seconds(lambda page: merge_fields.validate(page, is_html=True), page),
            f"{name}: HTML",
        )
        yield (
            _seconds(lambda text: rendering.render_email(draft(text), row("Sam")), text),
            (f"{name}: stored before, and sent"),
        )
    for text in LARGEST:
        yield _seconds(_send, text), f"allowed: {text[:40]} ({len(text):,} characters)"
    for piece in ANSWERS:
        yield _seconds(meaning, piece * 5_000), f"answer: {piece!r} 5,000 times"


def _send(text: str) -> None:
    from communications import blocks, merge_fields, rendering
    from communications.tests.drafted import draft, row

    blocks.sanitised.cache_clear()
    merge_fields.validate(text, is_html=True)
    made = draft(blocks.text_of_html(blocks.sanitised(text)), html=text)
    rendering.render_email(made, row("Sam", fact_visit_count=0))


def _seconds(do: Callable[[str], object], text: str) -> float:
    from django.core.exceptions import ValidationError

    begun = time.thread_time()
    with suppress(ValidationError):
        do(text)
    return time.thread_time() - begun


if __name__ == "__main__":
    sys.exit(main())
