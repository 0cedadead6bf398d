"""What must hold between rows: ids stand once, and what a row points at exists. Pure.

In: parsed lines, and the ids that exist in the files or in the database. Out: what is wrong. Never: a cell's form.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any

from planwhy_collector.csvimport.report import BadRow
from planwhy_collector.csvimport.rows import RawTable
from planwhy_collector.csvimport.tables import Line, Table

Reference = tuple[str, str, Callable[[Any], str | None]]
"""Column, the file it points at, how to get the id from a fact."""

REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "deals.csv": (("client_id", "clients.csv", lambda deal: deal.client_id),),
    "task_changes.csv": (("task_id", "tasks.csv", lambda change: change.task_id),),
    "contacts.csv": (
        ("deal_id", "deals.csv", lambda contact: contact.deal_id),
        ("client_id", "clients.csv", lambda contact: contact.client_id),
        ("task_id", "tasks.csv", lambda contact: contact.task_id),
    ),
}


def repeated(table: Table, raw: RawTable, lines: Iterable[Line]) -> Iterator[BadRow]:
    """Find rows whose key stood on an earlier line: as written, also of otherwise bad rows, or as it was read."""
    read = {line.line: table.same(line.fact) for line in lines} if table.same else {}
    first: dict[Hashable, int] = {}
    for row in raw.rows:
        key = tuple(row.cells.get(name, "") for name in table.key)
        if not key[0]:
            continue
        line = min(first.setdefault(k, row.line) for k in (key, read.get(row.line, key)))
        if line != row.line:
            written = " ".join(filter(None, key))[:60]
            yield BadRow(table.file, row.line, table.key[0], f"{written!r} stands already on line {line}")


def missing(file: str, lines: Iterable[Line], exists: Mapping[str, Collection[str]]) -> Iterator[BadRow]:
    """Find references to what is in neither the files nor the database; `exists` lacks files that are unreadable."""
    for column, points_at, get in REFERENCES.get(file, ()):
        if (there := exists.get(points_at)) is None:
            continue
        noun = column.removesuffix("_id")
        for line in lines:
            if (wanted := get(line.fact)) is not None and wanted not in there:
                yield BadRow(file, line.line, column, f"there is no {noun} {wanted[:40]!r}")


def referred(lines: Mapping[str, Iterable[Line]], points_at: str) -> set[str]:
    """Collect the ids that all files' facts point at in one file."""
    return {
        wanted
        for file, found in lines.items()
        for _, target, get in REFERENCES.get(file, ())
        if target == points_at
        for line in found
        if (wanted := get(line.fact)) is not None
    }
