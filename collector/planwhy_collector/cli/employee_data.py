"""`planwhy employee erase` and `export`: all that is known of one person goes, or is handed to that person."""

import sys
from pathlib import Path

import click
import msgspec

from planwhy_collector.backup.seal import placed
from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.erasing import erase as erase_for_good
from planwhy_collector.jobs.erasing import what_would_go
from planwhy_collector.jobs.exporting import export as export_everything
from planwhy_collector.queries.people import person
from planwhy_collector.queries.users import user_by_email
from planwhy_collector.services import wall_clock_ms


@click.command()
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask: erase.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def erase(key: str, yes: bool, as_json: bool) -> None:
    """Erase all that is known of KEY, for good: imports and restored backups do not bring the person back.

    Shows first how many rows of which table go. Deals and clients stay without the person.
    """
    with opened_database() as database:
        if not yes:
            with database.reading() as session:
                _ask(key, what_would_go(session, key))
        done = erase_for_good(database, settings(), key, None, wall_clock_ms())
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
        return
    click.echo(f"erased: {_counted(done.counts)}")
    for email in done.kept_accounts:
        click.echo(f"the account {email} stays, because it is not only an employee's", err=True)
    if not done.scrubbed:
        click.echo("the rows are gone; the file could not be written anew, because it is in use", err=True)


@click.command()
@click.argument("key")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The new zip file.")
@click.option("--as", "email", required=True, help="E-mail of the account that takes it out.")
@click.option("--reason", default="", help="How the person asked for it, at least 20 characters.")
def export(key: str, out: Path, email: str, reason: str) -> None:
    """Write all that is known of KEY, titles included, to a file for that person; stands in the log of looks."""
    now_ms = wall_clock_ms()
    with opened_database() as database, placed(out, sealed=False) as file, database.writing() as session:
        user = user_by_email(session, email)
        with file.open("r+b") as target:
            export_everything(session, target, user, person(session, key), reason, now_ms, cli=True)
    click.echo(f"{out}", err=True)


def _ask(key: str, going: dict[str, int]) -> None:
    """Show what goes and have the id typed on a terminal. Raises InvalidInput where it is not, or nobody can."""
    click.echo(f"this would go: {_counted(going)}", err=True)
    if not sys.stdin.isatty():
        raise InvalidInput("an erasure cannot be undone; say --yes to do it")
    if click.prompt(f"This cannot be undone. Type {key} to erase", err=True, default="", show_default=False) != key:
        raise InvalidInput("nothing erased: another id was typed")


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{table} {number}" for table, number in rows.items() if number) or "no rows"
