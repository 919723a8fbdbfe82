"""From bytes to rows: encoding, delimiter, and the physical line on which each row begins.

Nothing here holds more than one row, nor trusts the file: a quote that is never closed costs the
row that opened it and no other.
"""

import codecs
import csv
import io
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from customers.imports.refusal import ImportRefused

BLOCK = 1 << 20
MAX_LINE = 1 << 16  # characters
MAX_LINES_PER_ROW = 100
DELIMITERS = (",", ";", "\t")
KNOWN_BINARIES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\xff\xfe": "a UTF-16 text",
    b"\xfe\xff": "a UTF-16 text",
}


@dataclass(frozen=True)
class Row:
    """A row as it stands in the file. With a ``problem``, its cells could not be told apart."""

    line: int
    cells: list[str]
    problem: str = ""


@contextmanager
def opened(file) -> Iterator[tuple[io.TextIOBase, str]]:
    """The file as text, and the encoding it has: ``utf-8``, ``utf-8-sig`` or ``cp1252``.

    Raises:
        ImportRefused: when it is empty or no text.
    """
    raw = getattr(file, "file", file)
    with tempfile.TemporaryFile() as spool:
        if not raw.seekable():
            shutil.copyfileobj(raw, spool, BLOCK)
            raw = spool
        encoding = _encoding(raw)
        raw.seek(0)
        text = io.TextIOWrapper(raw, encoding=encoding, newline="")
        try:
            yield text, encoding
        finally:
            text.detach()  # the caller's file stays open


def _encoding(raw) -> str:
    raw.seek(0)
    start = raw.read(4)
    for magic, kind in KNOWN_BINARIES.items():
        if start.startswith(magic):
            raise ImportRefused(f"This is {kind}, not a CSV file: save it as CSV (UTF-8).")
    marked = start.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "cp1252"):
        if _decodes(raw, encoding):
            return encoding
    raise ImportRefused("This is no text in UTF-8 or Windows-1252: save it as CSV (UTF-8).")


def _decodes(raw, encoding: str) -> bool:
    """Whether every byte makes sense; the first odd one may come on the last line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    raw.seek(0)
    try:
        while block := raw.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(header: str, known: Iterable[str]) -> str:
    """The delimiter by which most of the first line's cells are known words."""
    known = set(known)

    def hits(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return sum(cell.strip().lower() in known for cell in cells)

    return max(DELIMITERS, key=lambda each: (hits(each), header.count(each)))


def rows(text: io.TextIOBase, *, delimiter: str, first_line: int) -> Iterator[Row]:
    """The rows that follow; blank ones are left out."""
    lines = _Lines(text, number=first_line - 1)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Broken, csv.Error) as error:
            yield Row(lines.row_starts_at, [], str(error))
            lines.give_back()
            reader = csv.reader(lines, delimiter=delimiter)
        else:
            if any(cell.strip() for cell in cells):
                yield Row(lines.row_starts_at, cells)


class _Broken(Exception):
    pass


class _Lines:
    """Physical lines for the CSV reader; those of the present row can be given back."""

    def __init__(self, text, *, number: int):
        self._text = text
        self._number = number
        self._of_row: list[str] = []
        self._returned: deque[str] = deque()

    def __iter__(self):
        return self

    def __next__(self) -> str:
        if len(self._of_row) >= MAX_LINES_PER_ROW:
            raise _Broken("A quotation mark is opened here and not closed.")
        fresh = not self._returned
        line = self._text.readline(MAX_LINE + 1) if fresh else self._returned.popleft()
        if not line and self._of_row:
            raise _Broken("A quotation mark is opened here and not closed.")
        if not line:
            raise StopIteration
        self._of_row.append(line)
        self._number += 1
        if len(line) > MAX_LINE:
            if fresh:
                self._skip_rest_of_line(line)
            raise _Broken(f"The line is longer than {MAX_LINE:,} characters.")
        return line

    @property
    def row_starts_at(self) -> int:
        return self._number - len(self._of_row) + 1

    def begin_row(self) -> None:
        self._of_row = []

    def give_back(self) -> None:
        """Everything after the row's first line is read again."""
        self._returned.extendleft(reversed(self._of_row[1:]))
        self._number -= len(self._of_row) - 1

    def _skip_rest_of_line(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(MAX_LINE)
