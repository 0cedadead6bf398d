"""`planwhy employee`: people whose plans are explained."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click
import msgspec

from planwhy_collector.cli.context import opened_database
from planwhy_collector.cli.employee_data import erase, export
from planwhy_collector.csvimport import values
from planwhy_collector.csvimport.single import store_row
from planwhy_collector.facts import EmployeeRecord
from planwhy_collector.jobs.staffing import CalendarLine, Sheet, remove_exception, sheet_of
from planwhy_collector.queries.people import add_employee, current_records
from planwhy_collector.services import wall_clock_ms

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


employee.add_command(erase)
employee.add_command(export)


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
        found = sorted(current_records(session).values(), key=lambda r: (r.team or "", r.name, r.key))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for r in found:
        words = (r.key, r.name, r.team or "–", r.position or "–", r.time_zone)
        click.echo("\t".join(map(_plain, words)))


@employee.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(key: str, as_json: bool) -> None:
    """Show an employee: record, teams over time, calendar exceptions, expected hours of this month and the next."""
    with opened_database() as database, database.reading() as session:
        found = sheet_of(session, key, wall_clock_ms())
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(_shown(found)))


@employee.command()
@click.argument("key")
@click.option("--team", callback=_read(values.name), help="The new team; one that nobody was in before is made.")
@click.option("--no-team", is_flag=True, help="Leave the team for none.")
@click.option("--since", required=True, callback=_read(values.day), help="The first day in it, past or to come.")
def transfer(key: str, team: str | None, no_team: bool, since: date) -> None:
    """Move an employee to a team from a day on; the days before keep the team they had."""
    if (team is None) is not no_team:
        raise click.UsageError("give either --team or --no-team")
    cells = {"employee_id": key, "since": since.isoformat(), "team": team or ""}
    with opened_database() as database, database.writing() as session:
        store_row(session, "transfers.csv", cells, wall_clock_ms())
    click.echo(f"employee {key}: {_plain(team or 'no team')} from {since}")


@employee.command()
@click.argument("key", required=False)
@click.option("--everybody", is_flag=True, help="For all employees instead of one.")
@click.option("--from", "first", required=True, callback=_read(values.day), help="Such as 2026-11-14.")
@click.option("--to", "last", callback=_read(values.day), help="The last day; until further notice without it.")
@click.option(
    "--working-hours", "hours", callback=_read(values.name), help="Such as 'Sat 10:00-14:00'; - for free days."
)
@click.option("--note", default="", help="Why; shown beside it.")
@click.option("--remove", is_flag=True, help="Take back the exception that begins on that day.")
def calendar(
    key: str | None, everybody: bool, first: date, last: date | None, hours: str | None, note: str, remove: bool
) -> None:
    """Set other working hours for some days: part time, a moved holiday, an extra working Saturday."""
    if (key is None) is not everybody or (hours is None) is not remove:
        raise click.UsageError("give KEY or --everybody, and --working-hours or --remove")
    days = {"from": first.isoformat(), "to": last.isoformat() if last else ""}
    cells = days | {"employee_id": key or "", "working_hours": hours or "", "note": note}
    with opened_database() as database, database.writing() as session:
        if remove:
            changed = remove_exception(session, key, first, wall_clock_ms())
        else:
            changed = store_row(session, "calendars.csv", cells, wall_clock_ms()).days
    click.echo(
        f"calendar of {key or 'everybody'}: {'removed' if remove else 'set'}; {changed} days will be settled anew"
    )


def _shown(found: Sheet) -> list[str]:
    """The sheet in words, one fact a line."""
    who = found.employee
    employed = f"{who.hired_on or '…'} – {who.left_on or '…'}"
    return [
        f"{who.key}  {_plain(who.name)}  {_plain(who.position)}".rstrip(),
        f"employed   {employed}",
        f"hours      {who.working_hours} {who.time_zone}{f', public holidays of {who.country}' if who.country else ''}",
        *(f"team       {line.since or '…'}  {_plain(line.team or '–')}" for line in found.teams),
        *(f"calendar   {_exception(line)}" for line in found.calendar),
        *(f"expected   {line.month}  {line.hours:.1f} h" for line in found.expected_hours),
    ]


def _exception(line: CalendarLine) -> str:
    whose = "  everybody" if line.everybody else ""
    return f"{line.first} – {line.last or '…'}  {line.working_hours or 'free'}{whose}  {_plain(line.note)}".rstrip()


def _plain(text: str) -> str:
    """A text fit for a terminal: one line, no escape sequences."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
