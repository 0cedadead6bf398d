"""Files become rows: delimiters, quotes, encodings and real line numbers."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.csvimport.rows import RawTable, read_rows

KNOWN = ("id", "name")
cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def read(text: str | bytes) -> RawTable:
    data = text.encode() if isinstance(text, str) else text
    return read_rows("x.csv", data, KNOWN, ("id",))


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_allowed_forms_read_alike(prefix: bytes, delimiter: str, end: str) -> None:
    text = end.join([f"id{delimiter}name", f'1{delimiter}"Рога, и; копыта"', ""])
    assert read(prefix + text.encode()).rows[0].cells == {"id": "1", "name": "Рога, и; копыта"}


def test_a_row_after_a_quoted_line_break_keeps_its_line_in_the_file() -> None:
    assert [row.line for row in read('id,name\n1,"a\nb\nc"\n\n2,d\n').rows] == [2, 6]


@given(st.lists(st.tuples(cells, cells), max_size=8), st.sampled_from([",", ";"]))
def test_what_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([KNOWN, *rows])
    found = read(out.getvalue())
    assert [(r.cells["id"], r.cells["name"]) for r in found.rows] == [(a.strip(), b.strip()) for a, b in rows]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf", 1, "empty"),
        (b"id,name\n1,\xcf\xf0\n", 2, "not UTF-8"),
        (b"id,name\n1,a\x00b\n", 2, "NUL"),
        (b"id,name\n1\n", 2, "1 cells where the header has 2"),
        (b'id,name\n1,"open\n2,b\n', 2, "not readable as CSV"),
        (b'id,name\n1,"a"b\n', 2, "not readable as CSV"),
        (b"name\na\n", 1, "missing"),
        (b"id,id\n1,2\n", 1, "twice"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: bytes, line: int, part: str) -> None:
    error = read(text).errors[0]
    assert (error.line, part in error.reason) == (line, True)


def test_a_row_with_a_wrong_quote_does_not_hide_the_rows_after_it() -> None:
    found = read('id,name\n1,"a"b\n2,c\n3\n')
    assert [r.line for r in found.rows] == [3]
    assert [e.line for e in found.errors] == [2, 4]


def test_unknown_columns_are_ignored_by_name() -> None:
    assert read("id,colour\n1,red\n").ignored == ("colour",)
