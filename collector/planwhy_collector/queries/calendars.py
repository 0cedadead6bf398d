"""Calendar exceptions. In: people and records. Out: exceptions, and the days they change. Never: what a day holds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from functools import lru_cache

from planwhy_shared.hours import WorkingHours, parse_hours
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import EVERYBODY, ExceptionFact, ExceptionRecord
from planwhy_collector.models import CalendarException, Day
from planwhy_collector.queries.upsert import chunks, upsert

ExceptionKey = tuple[int, date]
"""Employee (EVERYBODY for all people) and first day."""

_OF_EMPLOYEES = (
    select(
        CalendarException.employee_id, CalendarException.first_day, CalendarException.last_day,
        CalendarException.working_hours, CalendarException.note,
    )
    .where(CalendarException.employee_id.in_(bindparam("ids", expanding=True)))
    .order_by(CalendarException.employee_id, CalendarException.first_day)
)  # fmt: skip


def exceptions_of(session: Session, employee_ids: Iterable[int]) -> dict[int, tuple[ExceptionFact, ...]]:
    """Find for each of these employees the own exceptions and everybody's."""
    ids = sorted(set(employee_ids))
    found: defaultdict[int, list[ExceptionFact]] = defaultdict(list)
    for record in exceptions_by_key(session, [EVERYBODY, *ids]).values():
        found[record.employee_id].append(_fact(record))
    common = tuple(found[EVERYBODY])
    return {key: (*found[key], *common) if key in found else common for key in ids}


def exceptions_by_key(session: Session, employee_ids: Iterable[int]) -> dict[ExceptionKey, ExceptionRecord]:
    """Find the exceptions written for these employees or for EVERYBODY, by employee and first day, in order."""
    parts = chunks(sorted(set(employee_ids)))
    rows = (row for part in parts for row in session.connection().execute(_OF_EMPLOYEES, {"ids": part}))
    return {record.key: record for record in (ExceptionRecord(*row) for row in rows)}


def store_exceptions(session: Session, records: Iterable[ExceptionRecord]) -> None:
    """Insert or update exceptions by employee and first day. Days they change are not marked (see `days_changed`)."""
    upsert(session, CalendarException, map(asdict, records))


def delete_exception(session: Session, key: ExceptionKey) -> None:
    """Delete one exception, if there is one."""
    where = (CalendarException.employee_id == key[0], CalendarException.first_day == key[1])
    session.execute(delete(CalendarException).where(*where))


def days_changed(session: Session, record: ExceptionRecord, until: date) -> tuple[tuple[int, date], ...]:
    """Find the days of an exception up to a day that were settled or wait for it, as (employee, day)."""
    query = select(Day.employee_id, Day.day).where(Day.day >= record.first_day, Day.day <= until)
    if record.last_day is not None:
        query = query.where(Day.day <= record.last_day)
    if record.employee_id != EVERYBODY:
        query = query.where(Day.employee_id == record.employee_id)
    return tuple((row.employee_id, row.day) for row in session.execute(query))


@lru_cache(maxsize=1024)
def known_hours(text: str) -> WorkingHours:
    """Read hours that were checked before they were stored."""
    return parse_hours(text)


def _fact(record: ExceptionRecord) -> ExceptionFact:
    hours = known_hours(record.working_hours) if record.working_hours else None
    return ExceptionFact(record.first_day, record.last_day, hours, everybody=record.employee_id == EVERYBODY)
