"""The first line: which column is which."""

import csv
import io
from dataclasses import dataclass

from barbershop.nearest import did_you_mean
from customers.imports.reading import delimiter_of
from customers.imports.refusal import ImportRefused

COLUMNS = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "birthday",
    "preferred_barber",
    "tags",
    "language",
    "timezone",
    "zip",
    "sms_consent_at",
    "sms_consent_source",
    "sms_consent_text",
    "email_opted_out",
)
KEYS = ("external_id", "email", "phone")
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class Header:
    delimiter: str
    names: tuple[str, ...]  # "" for a column that is ignored
    next_line: int


def read_header(text: io.TextIOBase, *, ignore_unknown: bool) -> Header:
    """Read the first line that is not blank.

    Raises:
        ImportRefused: when it does not name columns, or names one that is not known.
    """
    number, line = 1, text.readline(LONGEST_HEADER)
    while line and not line.strip():
        number, line = number + 1, text.readline(LONGEST_HEADER)
    if not line:
        raise ImportRefused("The file is empty.")
    plain = line.rstrip("\r\n")
    if len(line) == LONGEST_HEADER or not plain.replace("\t", " ").isprintable():
        raise ImportRefused("This is not a CSV file: its first line is not readable text.")
    delimiter = delimiter_of(plain, COLUMNS)
    cells = next(csv.reader([plain], delimiter=delimiter))
    names = ["_".join(cell.lower().replace("-", " ").split()) for cell in cells]
    _refuse(names, cells, ignore_unknown=ignore_unknown)
    known = tuple(name if name in COLUMNS else "" for name in names)
    return Header(delimiter=delimiter, names=known, next_line=number + 1)


def _refuse(names: list[str], cells: list[str], *, ignore_unknown: bool) -> None:
    known = [name for name in names if name in COLUMNS]
    if not known:
        raise ImportRefused(
            "The first line does not name columns; it should look like: "
            "external_id,first_name,last_name,email,phone."
        )
    unknown = [cell.strip() for name, cell in zip(names, cells, strict=True) if name not in COLUMNS]
    if unknown and not ignore_unknown:
        told = [f"{cell[:60]!r} is not known. {did_you_mean(cell, COLUMNS)}" for cell in unknown]
        raise ImportRefused(f"Column {' Column '.join(told)}")
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise ImportRefused(f"The column {', '.join(twice)} is there twice.")
    if not set(KEYS) & set(known):
        raise ImportRefused("One of the columns external_id, email or phone is needed.")
