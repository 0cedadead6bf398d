"""What an import did, or why it did nothing. In: nothing. Out: the structs of `planwhy import --json`."""

from msgspec import Struct


class BadRow(Struct, frozen=True, order=True):
    """One thing wrong: the file, its line (1 is the header; 0: the file as a whole), column ("" : the row), why."""

    file: str
    line: int
    column: str
    reason: str


class FileReport(Struct, frozen=True):
    """What became of one file's rows: `rows` = `new` + `changed` + `unchanged` + `erased`, unless something was wrong.

    `erased`: rows about people who were erased; they are left out.
    """

    file: str
    rows: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ignored_columns: tuple[str, ...] = ()
    erased: int = 0


class HistoryReport(Struct, frozen=True):
    """What tasks.csv changed of tasks that were known, as far as no history told of it, in numbers of tasks.

    `recorded`: kept as changes that hold from this import on; else taken for corrections of mistakes.
    """

    moved: int = 0
    reassigned: int = 0
    reopened: int = 0
    recorded: bool = True


class ImportReport(Struct, frozen=True):
    """The whole import. `stored` is false after a dry run and wherever there are errors."""

    stored: bool
    dry_run: bool
    files: tuple[FileReport, ...]
    ignored_files: tuple[str, ...]
    errors: tuple[BadRow, ...]
    days_to_settle: int = 0
    history: HistoryReport = HistoryReport()
