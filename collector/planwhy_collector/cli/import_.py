"""`planwhy import`: CSV files in, everything or nothing."""

from pathlib import Path

import click
import msgspec

from planwhy_collector.cli.context import opened_database
from planwhy_collector.csvimport import BadRow, FileReport, HistoryReport, ImportReport, import_folder
from planwhy_collector.services import wall_clock_ms

Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("import")
@click.argument("folder", metavar="DIR", type=Folder)
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@click.option("--correct", is_flag=True, help="Tasks that differ now correct mistakes: keep no history of it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def import_(ctx: click.Context, folder: Path, dry_run: bool, correct: bool, as_json: bool) -> None:
    """Import people, teams, calendars, plans, clients, deals, tasks with history, contacts, absences from CSV files."""
    with opened_database() as database, database.writing() as session:
        report = import_folder(session, folder, wall_clock_ms(), dry_run, correct)
    click.echo(msgspec.json.encode(report).decode() if as_json else _text(report))
    if report.errors:
        if not as_json:
            click.echo(_errors(report.errors), err=True)
        ctx.exit(1)


def _text(report: ImportReport) -> str:
    done = "nothing stored" if report.errors else "checked, nothing stored" if report.dry_run else "stored"
    lines = [_file(file, report) for file in report.files]
    lines += [f"{name}: not one of the files of an import, ignored" for name in report.ignored_files]
    return "\n".join([*lines, *_history(report.history), done])


def _history(found: HistoryReport) -> list[str]:
    """Say what was noticed of known tasks and from when on it holds; nothing where nothing was noticed."""
    if not found.moved + found.reassigned + found.reopened:
        return []
    what = f"known tasks: deadlines moved {found.moved}, reassigned {found.reassigned}, reopened {found.reopened}"
    if not found.recorded:
        return [f"{what}; taken for corrections of mistakes, as if they had always been so"]
    return [
        f"{what}; when is not told, so each holds from this import on, and before it the tasks count as they stood",
        "  task_changes.csv tells when things happened; --correct takes what differs for corrections of mistakes",
    ]


def _file(file: FileReport, report: ImportReport) -> str:
    text = f"{file.file}: {file.rows} rows"
    if not report.errors:
        text += f", {file.new} new, {file.changed} changed, {file.unchanged} as before"
    if file.erased:
        text += f"; {file.erased} about people who were erased for good, left out"
    if file.ignored_columns:
        text += f"; unknown columns ignored: {', '.join(file.ignored_columns)}"
    return text


def _errors(errors: tuple[BadRow, ...]) -> str:
    lines = [f"{e.file}:{e.line}: {f'{e.column}: ' if e.column else ''}{e.reason}" for e in errors]
    return "\n".join([*lines, f"{len(errors)} errors"])
