"""`planwhy db`: schema, backup, restore, retention."""

import sys
from contextlib import suppress
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from planwhy_collector.backup.archive import Tell
from planwhy_collector.backup.ledger import ledger_path
from planwhy_collector.backup.making import make_backup, quiet
from planwhy_collector.backup.restoring import restore as put_back
from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.erasing import erasing_again
from planwhy_collector.jobs.months import make_months
from planwhy_collector.jobs.prune import prune as prune_now
from planwhy_collector.queries.erasing import touched_tables
from planwhy_collector.services import wall_clock_ms


@click.group()
def db() -> None:
    """Schema, backup, restore, retention."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this release; safe to run again."""
    with Database(settings().database_url) as database:
        database.upgrade()
        _make_months(database)
    click.echo("the schema is at this release", err=True)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything to the new FILE, while the database is in use.

    The file holds people's data and the keys of this installation: keep it as safe as the database.
    """
    with Database(settings().database_url) as database:
        make_backup(database, file, _progress())
    click.echo(f"{file}", err=True)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Replace what the database holds now.")
def restore(file: Path, yes: bool) -> None:
    """Put the backup in FILE in the place of what the database holds. No collector may run.

    A backup of SQLite also goes into PostgreSQL. FILE is checked as a whole first; after any failure the database
    is as it was. Whoever was erased since the backup is erased again.
    """
    with Database(settings().database_url) as database:
        if not yes and not database.empty():
            raise InvalidInput("restore replaces what the database holds now; say --yes to do it")
        finish = erasing_again(database, ledger_path(settings(), database), wall_clock_ms())
        again = put_back(database, file, finish, _progress())
        _make_months(database)
        if not database.embedded:
            database.scrub(touched_tables())
    click.echo(f"restored; {again} people erased again" if again else "restored", err=True)


@db.command()
def prune() -> None:
    """Delete what retention does not keep."""
    with opened_database() as database:
        gone = prune_now(database, settings(), wall_clock_ms())
    click.echo(f"{gone} rows deleted or blanked", err=True)


def _make_months(database: Database) -> None:
    with suppress(DBAPIError):  # the job `months` makes up for it
        make_months(database, settings(), wall_clock_ms())


def _progress() -> Tell:
    """Tell a terminal which table is under way; nobody else."""
    return _shown if sys.stderr.isatty() else quiet


def _shown(table: str, size: int) -> None:
    click.echo(f"\r\033[K{table} {size / 1e6:.1f} MB", nl=False, err=True)
