"""`planwhy enrol-code`: codes that turn a machine into a device of an employee."""

import csv
import sys

import click
import msgspec
from planwhy_shared.times import rfc3339

from planwhy_collector.cli.context import opened_database
from planwhy_collector.errors import NotFound
from planwhy_collector.ingest.enrolment import MOST_DEVICES, MOST_MINUTES, issue_code, issue_for_all
from planwhy_collector.services import wall_clock_ms


@click.group("enrol-code")
def enrol_code() -> None:
    """Codes that enrol machines."""


@enrol_code.command()
@click.option("--employee", required=True, help="Public id of the employee.")
@click.option(
    "--minutes", type=click.IntRange(1, MOST_MINUTES), default=60, show_default=True, help="How long the code works."
)
@click.option(
    "--max-devices",
    type=click.IntRange(1, MOST_DEVICES),
    default=1,
    show_default=True,
    help="How many machines may use it.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def create(employee: str, minutes: int, max_devices: int, as_json: bool) -> None:
    """Make a code; it is shown once."""
    with opened_database() as database, database.writing() as session:
        issued = issue_code(session, employee, wall_clock_ms(), minutes, max_devices)
    expires = rfc3339(issued.expires_ms // 1000 * 1000)
    if as_json:
        click.echo(msgspec.json.encode({"code": issued.code, "expires_at": expires}).decode())
    else:
        click.echo(issued.code)
        click.echo(f"works until {expires}", err=True)


@enrol_code.command("create-all")
@click.option("--team", default=None, help="Only people of this team.")
@click.option(
    "--minutes",
    type=click.IntRange(1, MOST_MINUTES),
    default=7 * 24 * 60,
    show_default=True,
    help="How long the codes work.",
)
@click.option("--enrolled-too", is_flag=True, help="Also for people who have a machine in use.")
def create_all(team: str | None, minutes: int, enrolled_too: bool) -> None:
    """Make a code for everyone who has no machine yet; prints a CSV table, each code is shown this once.

    Anyone who has the table can enrol machines in these people's names until it expires: keep it like passwords.
    """
    with opened_database() as database, database.writing() as session:
        issued = issue_for_all(session, wall_clock_ms(), minutes, team, enrolled_too)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("employee_id", "email", "code", "expires_at"))
    for person, one in issued:
        table.writerow((person.key, person.email or "", one.code, rfc3339(one.expires_ms // 1000 * 1000)))
    click.echo(f"{len(issued)} codes", err=True)
    if not issued:
        raise NotFound("nobody needs a code" + (f" in the team {team!r}" if team else ""))
