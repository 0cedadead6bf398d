"""The import as a whole: read the files, check everything, then store everything or nothing.

In: a folder and a session. Out: a report. Never: a partial import, or a change of what did not change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from planwhy_collector.csvimport.erased import without_erased
from planwhy_collector.csvimport.references import missing, referred, repeated
from planwhy_collector.csvimport.report import BadRow, FileReport, ImportReport
from planwhy_collector.csvimport.rows import RawTable, read_rows
from planwhy_collector.csvimport.store import Stored, store
from planwhy_collector.csvimport.tables import (
    DELETED,
    EMPLOYEES,
    PLANS,
    TABLES,
    TASK_CHANGES,
    Line,
    People,
    parse_table,
)
from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries.crm import clients_by_id, deals_by_id, tasks_by_id
from planwhy_collector.queries.erasures import erased_among
from planwhy_collector.queries.people import employee_ids, ids_for, zones
from planwhy_collector.queries.plans import clash, plan_key, plans_of

LARGEST_BYTES = 256 << 20
"""A larger file is refused: it would not be read in one piece."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """The files after all checks: facts by file, people's keys, what was wrong, and rows about erased people."""

    raw: Mapping[str, RawTable]
    lines: Mapping[str, tuple[Line, ...]]
    people: People
    errors: tuple[BadRow, ...]
    left_out: Mapping[str, RawTable]

    @property
    def facts(self) -> dict[str, tuple[Any, ...]]:
        """The facts alone."""
        return {file: tuple(line.fact for line in found) for file, found in self.lines.items()}

    @property
    def silent(self) -> frozenset[str]:
        """The files that could say what was deleted and do not."""
        able = (table for table in TABLES if DELETED.name in table.known)
        return frozenset(t.file for t in able if t.file in self.raw and DELETED.name not in self.raw[t.file].named)


def import_folder(
    session: Session, folder: Path, now_ms: int, dry_run: bool = False, correct: bool = False
) -> ImportReport:
    """Import the CSV files of a folder. With any error, or in a dry run, nothing is stored.

    `correct`: tasks that differ from what is stored correct mistakes, and nothing of it is kept as their history.

    Raises InvalidInput where the folder holds none of the files.
    """
    names = _names(folder)
    ignored = tuple(sorted(n for n in names if n.lower().endswith(".csv") and n not in _FILES))
    read = {t.file: _read(folder, t.file) for t in TABLES if t.file in names}
    checked = _check(session, *without_erased(read, lambda keys: erased_among(session, keys)))
    if checked.errors:
        return ImportReport(False, dry_run, _reports(checked, Stored()), ignored, checked.errors)
    with session.begin_nested() as savepoint:
        stored = store(session, checked.facts, checked.people.ids, now_ms, correct, checked.silent)
        if dry_run:
            savepoint.rollback()
    return ImportReport(not dry_run, dry_run, _reports(checked, stored), ignored, (), stored.days, stored.history)


_FILES = frozenset(table.file for table in TABLES)


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise InvalidInput(f"{folder}: not a folder")
    names = {path.name for path in folder.iterdir()}
    if not names & _FILES:
        raise InvalidInput(f"{folder}: none of {', '.join(sorted(_FILES))}")
    return names


def _read(folder: Path, file: str) -> RawTable:
    table = next(t for t in TABLES if t.file == file)
    try:
        if (folder / file).stat().st_size > LARGEST_BYTES:
            return RawTable(file, (), (), (BadRow(file, 0, "", f"larger than {LARGEST_BYTES >> 20} MiB"),))
        data = (folder / file).read_bytes()
    except OSError as error:
        return RawTable(file, (), (), (BadRow(file, 0, "", error.strerror or "not readable"),))
    return read_rows(file, data, table.known, table.required)


def _check(session: Session, raw: Mapping[str, RawTable], left_out: Mapping[str, RawTable]) -> _Checked:
    people = replace(_people(session, raw.get(EMPLOYEES.file)), of_tasks=_of_tasks(session, raw))
    lines: dict[str, tuple[Line, ...]] = {}
    errors: list[BadRow] = []
    for table in (t for t in TABLES if t.file in raw):
        lines[table.file], wrong = parse_table(table, raw[table.file], people)
        errors += [*wrong, *repeated(table, raw[table.file], lines[table.file])]
    exists = _existing(session, raw, lines, left_out)
    errors += chain.from_iterable(missing(file, found, exists) for file, found in lines.items())
    errors += _clashes(session, lines.get(PLANS.file, ()))
    return _Checked(raw, lines, people, tuple(sorted(errors)), left_out)


def _people(session: Session, raw: RawTable | None) -> People:
    """Draw keys for the employees of the file; take their zones from the file first, then from the database."""
    written = {row.cells.get("employee_id", ""): row.cells.get("time_zone", "") for row in raw.rows} if raw else {}
    known = zones(session)
    found, _ = parse_table(EMPLOYEES, replace(raw, errors=()), People({}, {})) if raw else ((), ())
    given = {line.fact.key: ZoneInfo(line.fact.time_zone) for line in found}
    return People(ids_for(session, written.keys() - {""}), known | given)


def _of_tasks(session: Session, raw: Mapping[str, RawTable]) -> dict[str, str]:
    """Whose each task of a history is: from the file first, then from the database."""
    if TASK_CHANGES.file not in raw:
        return {}
    asked = {row.cells.get("task_id", "") for row in raw[TASK_CHANGES.file].rows}
    keys = {number: key for key, number in employee_ids(session).items()}
    stored = {key: keys.get(task.employee_id or 0, "") for key, task in tasks_by_id(session, asked).items()}
    rows = raw["tasks.csv"].rows if "tasks.csv" in raw else ()
    return stored | {row.cells.get("task_id", ""): row.cells.get("employee_id", "") for row in rows}


def _existing(
    session: Session,
    raw: Mapping[str, RawTable],
    lines: Mapping[str, tuple[Line, ...]],
    left_out: Mapping[str, RawTable],
) -> dict[str, set[str]]:
    """The ids that references may name: of all rows in the files, good or bad or left out, and of what is stored."""
    ask: dict[str, Callable[[Session, Iterable[str]], Mapping[str, object]]] = {
        "clients.csv": clients_by_id,
        "deals.csv": deals_by_id,
        "tasks.csv": tasks_by_id,
    }
    out: dict[str, set[str]] = {}
    for file, stored_by_id in ask.items():
        column = file.removesuffix("s.csv") + "_id"
        rows = (*raw[file].rows, *left_out[file].rows) if file in raw else ()
        here = {row.cells.get(column, "") for row in rows}
        if file not in raw or raw[file].rows or not raw[file].errors:  # of a file that is unreadable nothing is known
            out[file] = here | set(stored_by_id(session, referred(lines, file) - here))
    return out


def _clashes(session: Session, lines: tuple[Line, ...]) -> Iterator[BadRow]:
    stored = plans_of(session, {line.fact.employee_id for line in lines})
    for line in lines:
        before = stored.get(plan_key(line.fact))
        if before and (name := clash(before, line.fact)):
            yield BadRow(PLANS.file, line.line, name, "this plan's assumption is fixed already and cannot change")


def _reports(checked: _Checked, stored: Stored) -> tuple[FileReport, ...]:
    return tuple(_report(raw, len(checked.left_out[file].rows), stored) for file, raw in checked.raw.items())


def _report(raw: RawTable, erased: int, stored: Stored) -> FileReport:
    new, changed, unchanged = stored.counts.get(raw.file, (0, 0, 0))
    return FileReport(raw.file, len(raw.rows) + erased, new, changed, unchanged, raw.ignored, erased)
