"""Bytes to rows: encodings, delimiters, quotes, physical lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.imports import ImportRefused
from customers.imports.columns import read_header
from customers.imports.reading import opened, rows

HEADER = "external_id,first_name,email\n"


def read(data: bytes, *, ignore_unknown=False):
    with opened(io.BytesIO(data)) as (text, encoding):
        header = read_header(text, ignore_unknown=ignore_unknown)
        found = rows(text, delimiter=header.delimiter, first_line=header.next_line)
        return encoding, [(row.line, row.cells or row.problem) for row in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_an_encoding_is_recognised_by_a_byte_on_the_last_line(encoding):
    data = HEADER + "1,Sam,\n" * 100_000 + "2,Zoé,\n"

    found, lines = read(data.encode(encoding))

    assert (found, lines[-1]) == (encoding, (100_002, ["2", "Zoé", ""]))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_delimiter_is_recognised_by_the_header(delimiter):
    data = f"external_id{delimiter}first_name\n1{delimiter}Sam, the | second\n"
    if delimiter == ",":
        data = data.replace("Sam, the | second", '"Sam, the | second"')

    assert read(data.encode())[1] == [(2, ["1", "Sam, the | second"])]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_row_has_the_line_on_which_it_begins(newline):
    data = HEADER + '1,"Sam\nthe\nfirst",\n\n2,Ana,\n   \n3,"a\nb",\n4,Eve,'

    _, lines = read(data.replace("\n", newline).encode())

    assert [line for line, _ in lines] == [2, 6, 8, 10]
    assert lines[0][1][1] == newline.join(["Sam", "the", "first"])


def test_a_quote_that_is_never_closed_costs_its_own_row_only():
    data = HEADER + '1,"Sam,\n' + "".join(f"{n},Ana,\n" for n in range(2, 301))

    _, lines = read(data.encode())

    assert lines[0] == (2, "A quotation mark is opened here and not closed.")
    assert [cells[0] for _, cells in lines[1:]] == [str(n) for n in range(2, 301)]
    assert [line for line, _ in lines] == list(range(2, 302))


def test_a_quote_left_open_on_the_last_line_is_told():
    assert read((HEADER + '1,Ana,\n2,"Sam,').encode())[1] == [
        (2, ["1", "Ana", ""]),
        (3, "A quotation mark is opened here and not closed."),
    ]


def test_a_line_that_is_too_long_costs_its_own_row_only():
    data = HEADER + f"1,{'x' * 200_000},\n2,Ana,\n" + f'3,"a\n{"y" * 200_000}\n4,Eve,\n'

    _, lines = read(data.encode())

    told = "The line is longer than 65,536 characters."
    assert lines == [
        (2, told),
        (3, ["2", "Ana", ""]),
        (4, told),
        (5, told),
        (6, ["4", "Eve", ""]),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"PK\x03\x04rest", "Excel workbook"),
        ("external_id\n1".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03" * 100, "not readable text"),
        (b"\x81\x8d\x8f", "UTF-8 or Windows-1252"),
        (b"1,Sam,sam@example.test\n", "does not name columns"),
        (b"external_id,emial\n1,a@example.test\n", "Did you mean email?"),
        (b"email,Email\n", "twice"),
        (b"first_name,last_name\nSam,Smith\n", "external_id, email or phone"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(data, says):
    with pytest.raises(ImportRefused, match=says):
        read(data)


def test_unknown_columns_can_be_left_out():
    assert read(b"external_id,shoe_size\n1,44\n", ignore_unknown=True)[1] == [(2, ["1", "44"])]


def test_a_file_that_cannot_be_rewound_is_read_too():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise io.UnsupportedOperation

    with opened(Pipe(b"external_id\n1\n")) as (text, _):
        assert text.read() == "external_id\n1\n"


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_whatever_was_written_as_csv_is_read_back(table, delimiter):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    text = io.StringIO(file.getvalue(), newline="")

    found = [tuple(row.cells) for row in rows(text, delimiter=delimiter, first_line=1)]

    assert found == [row for row in table if any(cell.strip() for cell in row)]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(junk):
    try:
        _, found = read(b"external_id,email\n" + junk, ignore_unknown=True)
    except ImportRefused:
        return
    lines = [line for line, _ in found]
    assert lines == sorted(set(lines))
