"""Rows as a CSV file that a spreadsheet shows and does not run, and that reads back as it was."""

import csv
import re
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

# What spreadsheets take for a formula (owasp.org/www-community/attacks/CSV_Injection), also behind
# apostrophes of the value's own: the reader takes exactly one away.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")  # a phone number too: it runs nothing
GUARD = "'"


def guarded(value) -> str:
    """One cell: text that would run gets an apostrophe before it; nothing is an empty cell."""
    text = "" if value is None else str(value)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return GUARD + text
    return text


def unguarded(cell: str) -> str:
    """The value of a cell that ``guarded`` wrote."""
    return cell[1:] if cell.startswith(GUARD) and _FORMULA.match(cell) else cell


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
