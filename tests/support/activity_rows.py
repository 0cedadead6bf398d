"""People, devices, spans and talks put straight into the tables, for tests of what is made of them."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.models import Contact, Device
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.blocks import StoredSpan
from planwhy_collector.queries.people import EmployeeRecord, add_employee, person
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.spans import STATES, store_spans
from planwhy_shared.times import day_of, to_ms

MOSCOW = ZoneInfo("Europe/Moscow")
_numbers = count(1)


def at(text: str, zone: ZoneInfo = MOSCOW) -> int:
    """Milliseconds of a local time such as `2026-10-05 09:30`."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


def hire(database: Database, key: str = "e1", **fields: object) -> Person:
    """Add an employee in Moscow with the usual hours."""
    with database.writing() as session:
        add_employee(session, EmployeeRecord(key, "Test Person", time_zone="Europe/Moscow", **fields))  # type: ignore[arg-type]
        return person(session, key)


def enrol(database: Database, who: Person) -> int:
    """Add a device and return its key."""
    number = next(_numbers)
    with database.writing() as session:
        session.add(
            Device(
                id=number, employee_id=who.id, instance_id=f"i{number}", hostname="pc", os="linux", os_user="u",
                agent_version="0", enrolled_ms=0,
            )
        )  # fmt: skip
    return number


Spans = Iterable[tuple[str, str, str, str | None]]


def record(database: Database, who: Person, device: int, spans: Spans) -> None:
    """Store spans given as (from, to, state, address or program) and mark their days."""
    with database.writing() as session:
        key = secret(session, "context")
        for start, end, state, what in spans:
            url = what if what and "://" in what else None
            context = context_of("chrome.exe" if url else what, url, None)
            number = context_id(key, context)
            intern_contexts(session, {number: context}, 1)
            span = StoredSpan(at(start), at(end), next(_numbers), number, STATES.index(state), 0, 0)
            store_spans(session, device, 1, {0: [span]})
            mark_dirty(session, who.id, [day_of(at(start), who.zone), day_of(at(end) - 1, who.zone)])


def talk(database: Database, who: Person, start: str, minutes: int, **named: str) -> None:
    """Store a call on a deal, client or task."""
    with database.writing() as session:
        session.add(
            Contact(
                id=f"k{next(_numbers)}", employee_id=who.id, at_ms=at(start), kind="call", direction="out",
                duration_s=minutes * 60, **named,
            )
        )  # fmt: skip
        mark_dirty(session, who.id, [date.fromisoformat(start[:10])])
