"""Rows about erased people are left out of every import, so that no file brings anyone back. Pure.

In: files as text, and which public ids belong to erased people. Out: files without their rows. Never: a row left out
uncounted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from planwhy_collector.csvimport.rows import RawTable, Row

Files = Mapping[str, RawTable]
_TASKS, _CHANGES = "tasks.csv", "task_changes.csv"


def without_erased(files: Files, erased_among: Callable[[Collection[str]], Collection[str]]) -> tuple[Files, Files]:
    """Part files into what may be imported and what is about erased people: also the history of their tasks."""
    gone = erased_among({key for raw in files.values() for row in raw.rows for key in _keys(raw.file, row)})
    about = {
        file: {row.line for row in raw.rows if any(key in gone for key in _keys(file, row))}
        for file, raw in files.items()
    }
    tasks = {row.cells.get("task_id") for row in _rows(files, _TASKS) if row.line in about[_TASKS]}
    if _CHANGES in about:
        about[_CHANGES] |= {row.line for row in _rows(files, _CHANGES) if row.cells.get("task_id") in tasks}
    kept = {file: _only(raw, about[file], inside=False) for file, raw in files.items()}
    return kept, {file: _only(raw, about[file], inside=True) for file, raw in files.items()}


def _rows(files: Files, file: str) -> Iterable[Row]:
    return files[file].rows if file in files else ()


def _only(raw: RawTable, lines: Collection[int], inside: bool) -> RawTable:
    return replace(raw, rows=tuple(row for row in raw.rows if (row.line in lines) is inside))


def _keys(file: str, row: Row) -> set[str]:
    """The public ids of employees that a row names."""
    names = ["employee_id"]
    if file == _CHANGES and row.cells.get("field", "").lower() == "owner":
        names += ["old", "new"]
    return {key for name in names if (key := row.cells.get(name, ""))}
