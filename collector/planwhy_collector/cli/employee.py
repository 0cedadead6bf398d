"""`planwhy employee`: people whose plans are explained."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click
import msgspec

from planwhy_collector.cli.context import opened_database
from planwhy_collector.csvimport import values
from planwhy_collector.facts import EmployeeRecord
from planwhy_collector.queries.people import add_employee, records

Day = click.DateTime(["%Y-%m-%d"])


def _read(parse: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """Make a check of an option that says what is wrong as a usage error."""

    def callback(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> Any:
        try:
            return None if text is None else parse(text.strip())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


@click.group()
def employee() -> None:
    """People whose plans are explained."""


@employee.command()
@click.option("--key", required=True, callback=_read(values.identifier), help="The public id, such as e1.")
@click.option("--name", required=True, callback=_read(values.name))
@click.option("--email", callback=_read(values.email))
@click.option("--team", callback=_read(values.name))
@click.option("--supervisor-email", callback=_read(values.email))
@click.option("--position", default="", callback=_read(values.text))
@click.option("--time-zone", default="UTC", show_default=True, callback=_read(values.time_zone))
@click.option("--working-hours", default="", callback=_read(values.working_hours), help="Default: office hours.")
@click.option("--country", default="", callback=_read(values.otherwise("", values.country)), help="Such as RU.")
@click.option("--crm-user-id", callback=_read(values.identifier))
@click.option("--hired-on", type=Day)
def add(hired_on: datetime | None, **given: Any) -> None:
    """Add an employee."""
    record = EmployeeRecord(**given, hired_on=_day(hired_on))
    with opened_database() as database, database.writing() as session:
        add_employee(session, record)
    click.echo(f"employee {record.key} added")


@employee.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(as_json: bool) -> None:
    """List employees."""
    with opened_database() as database, database.reading() as session:
        found = sorted(records(session).values(), key=lambda r: (r.team or "", r.name, r.key))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for r in found:
        click.echo(f"{r.key}\t{' '.join(r.name.split())}\t{r.team or '–'}\t{r.position or '–'}\t{r.time_zone}")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
