"""`planwhy timeline`: what was recorded of a person. Same gate, same log as the page."""

import sys
from collections.abc import Iterator
from datetime import time

import click
import msgspec
from planwhy_shared.times import Interval

from planwhy_collector.cli.context import opened_database
from planwhy_collector.errors import InvalidInput, PurposeRequired
from planwhy_collector.facts import Person
from planwhy_collector.gate import ask_grant, may_see_detail
from planwhy_collector.jobs.beside import OpenEntry
from planwhy_collector.jobs.timeline import Entry, Timeline
from planwhy_collector.jobs.timeline import timeline as timeline_through_gate
from planwhy_collector.plan.moment import instant_of
from planwhy_collector.queries.grants import PURPOSES
from planwhy_collector.queries.people import person as find_person
from planwhy_collector.queries.users import user_by_email
from planwhy_collector.report.language import language
from planwhy_collector.report.objections import objection_line
from planwhy_collector.services import wall_clock_ms


@click.command()
@click.argument("employee")
@click.argument("from_", metavar="FROM")
@click.argument("to")
@click.option("--as", "email", required=True, help="E-mail of the account that looks.")
@click.option("--purpose", type=click.Choice(PURPOSES), default=None, help="Why, where no open case covers the time.")
@click.option("--reason", default=None, help="The reason in words, at least 20 characters.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def timeline(
    employee: str, from_: str, to: str, email: str, purpose: str | None, reason: str | None, as_json: bool
) -> None:
    """Show what was recorded of EMPLOYEE; asks for a reason unless an open case covers the time, and is logged."""
    now_ms = wall_clock_ms()
    with opened_database() as database, database.writing() as session:
        user, person = user_by_email(session, email), find_person(session, employee)
        bounds = _bounds(from_, to, person)
        try:
            may_see_detail(session, user, person, bounds, now_ms)
        except PurposeRequired:
            ask_grant(session, user, person, *_asked(purpose, reason), bounds, now_ms)
        found = timeline_through_gate(session, user, person, bounds, now_ms, what="timeline")
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(_lines(found)))


def _asked(purpose: str | None, reason: str | None) -> tuple[str, str]:
    """The purpose and reason given, or typed on a terminal. Raises PurposeRequired where nobody can be asked."""
    terminal = sys.stdin.isatty()
    if not terminal and (purpose is None or reason is None):
        raise PurposeRequired("this detail needs --purpose and --reason, or an open case")
    chosen = purpose or click.prompt("Purpose", type=click.Choice(PURPOSES), err=True)
    return str(chosen), reason or str(click.prompt("Reason (at least 20 characters)", err=True))


def _bounds(first: str, last: str, person: Person) -> Interval:
    bounds = Interval(instant_of(first, person.zone), instant_of(last, person.zone, time.max))
    if not bounds.ms:
        raise InvalidInput(f"{first} … {last}: ends before it begins")
    return bounds


def _lines(found: Timeline) -> Iterator[str]:
    yield from map(_line, found.entries)
    if found.objections:
        yield ""
        yield from (objection_line(one, language("en")) for one in found.objections)
    if found.calls:
        yield "\npresent by a signal of a call"
        yield from (f"{one.start}  {one.end[11:19]}  {one.signal}" for one in found.calls)
    if found.open:
        yield "\nopen, with or without the focus; never counted as time"
        yield from map(_open_line, found.open)


def _line(entry: Entry) -> str:
    what = _plain(entry.app, entry.host, entry.path, entry.title)
    return f"{entry.start}  {entry.end[11:19]}  {entry.presence:<8} {entry.label or '-':<9} {what}"


def _open_line(entry: OpenEntry) -> str:
    what = _plain(entry.app, entry.host) or entry.category
    return f"{entry.start}  {entry.end[11:19]}  {entry.count:>3} {'tabs' if entry.host else 'windows':<7} {what}"


def _plain(*parts: str | None) -> str:
    return "".join(char if char.isprintable() else " " for char in " ".join(filter(None, parts)))
