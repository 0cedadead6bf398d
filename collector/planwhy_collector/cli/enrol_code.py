"""`planwhy enrol-code`: codes that turn a machine into a device of an employee."""

import click
import msgspec
from planwhy_shared.times import rfc3339

from planwhy_collector.cli.context import opened_database
from planwhy_collector.ingest.enrolment import MOST_DEVICES, MOST_MINUTES, issue_code
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
