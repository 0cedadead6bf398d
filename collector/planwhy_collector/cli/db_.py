"""`planwhy db`: schema, backup, restore, retention."""

from contextlib import suppress
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.months import make_months
from planwhy_collector.jobs.prune import prune as prune_now
from planwhy_collector.services import wall_clock_ms


@click.group()
def db() -> None:
    """Schema, backup, restore, retention."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this release; safe to run again."""
    with Database(settings().database_url) as database:
        database.upgrade()
        with suppress(DBAPIError):  # the job `months` makes up for it
            make_months(database, settings(), wall_clock_ms())
    click.echo("the schema is at this release", err=True)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a consistent copy of the embedded database to FILE, while it is in use."""
    if file.exists():
        raise InvalidInput(f"{file}: exists already")
    with opened_database() as database:
        _embedded(database).backup(file)
    click.echo(f"{file}", err=True)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Replace what the database holds now.")
def restore(file: Path, yes: bool) -> None:
    """Put the copy in FILE in the place of the embedded database. The collector must not run."""
    database = _embedded(Database(settings().database_url))
    if not yes and not database.empty():
        raise InvalidInput("restore replaces what the database holds now; say --yes to do it")
    database.restore(file)
    database.upgrade()
    database.close()
    click.echo("restored", err=True)


@db.command()
def prune() -> None:
    """Delete what retention does not keep."""
    with opened_database() as database:
        gone = prune_now(database, settings(), wall_clock_ms())
    click.echo(f"{gone} rows deleted or blanked", err=True)


def _embedded(database: Database) -> Database:
    if not database.embedded:
        raise InvalidInput("backup and restore of PostgreSQL are not built in yet: use pg_dump and pg_restore")
    return database
