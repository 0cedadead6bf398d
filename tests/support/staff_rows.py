"""Transfers and calendar exceptions put straight into the tables, for tests of people over time."""

from datetime import date

from planwhy_collector.db import Database
from planwhy_collector.facts import EVERYBODY, ExceptionRecord, Person, TransferRecord
from planwhy_collector.queries.calendars import store_exceptions
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.queries.teams import store_transfers


def transfer(database: Database, who: Person, since: str, team: str | None) -> None:
    """Put a person into a team from a day on."""
    with database.writing() as session:
        store_transfers(session, [TransferRecord(who.id, date.fromisoformat(since), team)])


def other_hours(database: Database, who: Person | None, first: str, last: str | None, hours: str = "") -> None:
    """Store an exception of a person's calendar, or of everybody's; no hours: free days."""
    until = date.fromisoformat(last) if last else None
    record = ExceptionRecord(who.id if who else EVERYBODY, date.fromisoformat(first), until, hours)
    with database.writing() as session:
        store_exceptions(session, [record])


def again(database: Database, who: Person, on: str | None = None) -> Person:
    """Read a person anew, with the team of a day or of today."""
    with database.reading() as session:
        return person_by_id(session, who.id, date.fromisoformat(on) if on else None)
