"""The first step of an import, pure: a file's bytes become rows of text with their line in the file.

In: bytes in UTF-8, with or without BOM, comma or semicolon, quoted by RFC 4180. Out: rows and what could not be
read. Never: the meaning of a cell.
"""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from planwhy_collector.csvimport.report import BadRow

DELIMITERS = (",", ";")


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells by column, stripped, and the line on which it begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file as text. `ignored` names columns that mean nothing here, `named` those of the header that do."""

    file: str
    rows: tuple[Row, ...]
    ignored: tuple[str, ...]
    errors: tuple[BadRow, ...]
    named: frozenset[str] = frozenset()


def read_rows(file: str, data: bytes, known: Collection[str], required: Collection[str]) -> RawTable:
    """Cut a file into rows. Every row that cannot be read is an error; no row is left out in silence."""
    text, unreadable = _decoded(file, data)
    if unreadable is not None:
        return RawTable(file, (), (), (unreadable,))
    delimiter = max(DELIMITERS, key=lambda d: _recognised(text, d, known))
    records = list(_records(file, text, delimiter))
    if not records:
        return RawTable(file, (), (), (BadRow(file, 1, "", "empty: a header row is expected"),))
    if isinstance(records[0], BadRow):
        return RawTable(file, (), (), (records[0],))
    header = [name.strip().lower() for name in records[0][1]]
    wrong = tuple(_header_errors(file, records[0][0], header, required))
    if wrong:
        return RawTable(file, (), (), wrong)
    cut = [r if isinstance(r, BadRow) else _row(file, header, known, *r) for r in records[1:]]
    ignored = tuple(name for name in header if name not in known)
    rows, wrong = tuple(r for r in cut if isinstance(r, Row)), tuple(r for r in cut if isinstance(r, BadRow))
    return RawTable(file, rows, ignored, wrong, frozenset(header) - set(ignored))


def _decoded(file: str, data: bytes) -> tuple[str, BadRow | None]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", BadRow(file, line, "", f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8")
    if "\0" in text:
        return "", BadRow(file, text.count("\n", 0, text.index("\0")) + 1, "", "a NUL character")
    return text, None


def _recognised(text: str, delimiter: str, known: Collection[str]) -> tuple[int, int]:
    """Count the known columns, then all columns, that the header has when cut at this delimiter."""
    first = next(_records("", text, delimiter), None)
    if first is None or isinstance(first, BadRow):
        return 0, 0
    return sum(name.strip().lower() in known for name in first[1]), len(first[1])


def _records(file: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]] | BadRow]:
    """Yield each record with its first line; blank lines are no records. Ends where quotes never close."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(file, line, "", f"not readable as CSV: {error}")
            if "expected after" not in str(error):
                return
            continue
        if cells:
            yield line, cells


def _header_errors(file: str, line: int, header: list[str], required: Collection[str]) -> Iterator[BadRow]:
    for name in sorted({n for n in header if header.count(n) > 1}):
        yield BadRow(file, line, name, "the header names this column twice")
    for name in required:
        if name not in header:
            yield BadRow(file, line, name, "this column is missing")


def _row(file: str, header: list[str], known: Collection[str], line: int, cells: list[str]) -> Row | BadRow:
    if len(cells) != len(header):
        return BadRow(file, line, "", f"{len(cells)} cells where the header has {len(header)}")
    return Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name in known})
