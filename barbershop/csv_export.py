"""Rows as a CSV file that a spreadsheet shows and does not run, and that reads back as it was."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

# What spreadsheets take for a formula (owasp.org/www-community/attacks/CSV_Injection).
_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
# Spaces, controls and signs of no width, and letters that are drawn as nothing: a program may drop
# them and run what is behind.
_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")  # a phone number too: it runs nothing
GUARD = "'"


def guarded(value) -> str:
    """One cell: text that would run gets an apostrophe before it; nothing is an empty cell."""
    text = "" if value is None else str(value)
    if _would_run(text) and not _NUMBER.fullmatch(text):
        return GUARD + text
    return text


def unguarded(cell: str) -> str:
    """The value of a cell that ``guarded`` wrote."""
    return cell[1:] if cell.startswith(GUARD) and _would_run(cell) else cell


def _would_run(text: str) -> bool:
    """Also behind apostrophes of the value's own: the reader takes exactly one away."""
    for char in text:
        if char in _STARTS:
            return True
        if char != GUARD and not _is_unseen(char):
            return False
    return False


def _is_unseen(char: str) -> bool:
    return char in _BLANK_LETTERS or unicodedata.category(char) in _UNSEEN


def answer(
    filename: str, *, head: Sequence[str], rows: Iterable[Sequence]
) -> StreamingHttpResponse:
    """A download, written as it is read: UTF-8 with its mark, so that Excel knows it."""
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


class _Line:
    """What ``csv.writer`` writes to: it hands the line on."""

    def write(self, line: str) -> str:
        return line


def _lines(head: Sequence[str], rows: Iterable[Sequence]):
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([guarded(value) for value in row])
