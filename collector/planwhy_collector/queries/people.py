"""Employees, with the team of a day. In: keys and filters. Out: Person facts, all parsed. Never: what they did.

`on` is the day whose teams are meant; without it today's, in each person's own zone, so that a transfer written down
beforehand takes effect by itself. Everything else of a person is as it is now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import EmployeeRecord, ExceptionFact, Person, TransferRecord
from planwhy_collector.models import Employee, Team
from planwhy_collector.queries.calendars import exceptions_of, known_hours
from planwhy_collector.queries.erasures import erased_among
from planwhy_collector.queries.teams import (
    fresh_keys,
    once_in,
    store_transfers,
    team_histories,
    team_ids,
    team_on,
    today_in,
)  # fmt: skip
from planwhy_collector.queries.upsert import upsert


def person(session: Session, key: str, on: date | None = None) -> Person:
    """Find an employee by public id. Raises NotFound."""
    found = _persons(session, _people().where(Employee.key == key), on)
    if not found:
        raise NotFound(f"there is no employee {key!r}")
    return found[0]


def person_by_id(session: Session, employee_id: int, on: date | None = None) -> Person:
    """Find an employee by database key. Raises NotFound."""
    row = session.connection().execute(_ONE, {"id": employee_id}).first()
    if row is None:
        raise NotFound("there is no such employee")
    return next(iter(_with_calendars(session, [row], on)))


def people(
    session: Session, team: str | None = None, supervisor_email: str | None = None, on: date | None = None
) -> tuple[Person, ...]:
    """List employees by team, then name; of one team, of one supervisor (case does not matter), or all."""
    query = _people()
    if team is not None:
        query = query.where(or_(Team.name == team, Employee.id.in_(once_in(team))))
    if supervisor_email is not None:
        query = query.where(func.lower(Employee.supervisor_email) == supervisor_email.lower())
    found = (one for one in _persons(session, query, on) if team in (None, one.team))
    return tuple(sorted(found, key=lambda one: (one.team or "", one.name, one.key)))


def colleagues(session: Session, who: Person, on: date) -> tuple[Person, ...]:
    """List the others who were in the person's team on a day; nobody where the person was in none."""
    team = person_by_id(session, who.id, on).team
    return tuple(one for one in people(session, team=team, on=on) if one.id != who.id) if team else ()


def teams(session: Session) -> tuple[str, ...]:
    """Name all teams in order."""
    return tuple(session.scalars(select(Team.name).order_by(Team.name)))


def employee_ids(session: Session) -> dict[str, int]:
    """Map every public id to its database key."""
    return {row.key: row.id for row in session.execute(select(Employee.key, Employee.id))}


def zones(session: Session) -> dict[str, ZoneInfo]:
    """Map every public id to the person's time zone."""
    return {row.key: ZoneInfo(row.time_zone) for row in session.execute(select(Employee.key, Employee.time_zone))}


def records(session: Session) -> dict[str, EmployeeRecord]:
    """All employees as written last, by public id."""
    query = select(Employee, Team.name).outerjoin(Team, Team.id == Employee.team_id)
    return {employee.key: _record(employee, team) for employee, team in session.execute(query)}


def current_records(session: Session) -> dict[str, EmployeeRecord]:
    """All employees as written last but with the team of today, by public id."""
    team = {one.key: one.team for one in people(session)}
    return {key: replace(record, team=team[key]) for key, record in records(session).items()}


def add_employee(session: Session, record: EmployeeRecord) -> int:
    """Add one employee and return the database key. Raises InvalidInput where the public id is taken or erased."""
    if erased_among(session, {record.key}):
        raise InvalidInput(f"employee {record.key!r} was erased for good: a new person needs another id")
    if session.scalar(select(Employee.id).where(Employee.key == record.key)) is not None:
        raise InvalidInput(f"employee {record.key!r} exists already")
    ids = ids_for(session, {record.key})
    store_employees(session, [record], ids)
    return ids[record.key]


def ids_for(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Map every known public id, and each of `keys` that is new, to its database key; new ones are only drawn."""
    known = employee_ids(session)
    return known | fresh_keys(set(keys) - known.keys())


def store_employees(
    session: Session, records: Iterable[EmployeeRecord], ids: Mapping[str, int], now_ms: int | None = None
) -> None:
    """Insert or update employees under the database keys that `ids_for` gave, with their teams.

    Another team than the record named before is a transfer of today, in the person's zone: earlier days keep theirs.
    """
    listed = tuple(records)
    store_transfers(session, _moved(session, listed, ids, now_ms))
    of_teams = team_ids(session, {r.team for r in listed if r.team})
    upsert(session, Employee, [_columns(r, ids[r.key], of_teams) for r in listed])


def _moved(
    session: Session, listed: Iterable[EmployeeRecord], ids: Mapping[str, int], now_ms: int | None
) -> Iterator[TransferRecord]:
    """Find whose record names another team than before, and whom no transfer has put there already."""
    stored = records(session)
    changed = [r for r in listed if r.key in stored and stored[r.key].team != r.team]
    histories = team_histories(session, (ids[r.key] for r in changed))
    for record in changed:
        employee_id, today = ids[record.key], today_in(ZoneInfo(record.time_zone), now_ms)
        if team_on(histories.get(employee_id, ()), today, stored[record.key].team) != record.team:
            yield TransferRecord(employee_id, today, record.team)


def _columns(record: EmployeeRecord, employee_id: int, of_teams: dict[str, int]) -> dict[str, object]:
    columns: dict[str, object] = asdict(record)
    team = columns.pop("team")
    return columns | {"id": employee_id, "team_id": of_teams[str(team)] if team else None}


_FIELDS = (
    Employee.id, Employee.key, Employee.name, Employee.position, Employee.time_zone, Employee.working_hours,
    Employee.country, Employee.hired_on, Employee.left_on, Employee.email, Employee.supervisor_email,
)  # fmt: skip


def _people() -> Select[*tuple[object, ...]]:
    return select(*_FIELDS, Team.name.label("team")).outerjoin(Team, Team.id == Employee.team_id)


_ONE = _people().where(Employee.id == bindparam("id"))
"""Built once: every batch asks."""


def _persons(session: Session, query: Select[*tuple[object, ...]], on: date | None) -> tuple[Person, ...]:
    """Read people, their exceptions and their teams: three queries, however many people."""
    return _with_calendars(session, session.execute(query).all(), on)


def _with_calendars(session: Session, rows: Sequence[Row[*tuple[object, ...]]], on: date | None) -> tuple[Person, ...]:
    ids = [row.id for row in rows]
    exceptions, histories = exceptions_of(session, ids), team_histories(session, ids)
    return tuple(_person(row, exceptions[row.id], histories.get(row.id, ()), on) for row in rows)


def _person(
    row: Row[*tuple[object, ...]],
    exceptions: tuple[ExceptionFact, ...],
    history: tuple[TransferRecord, ...],
    on: date | None,
) -> Person:
    values = dict(row._mapping)
    zone, hours = ZoneInfo(str(values.pop("time_zone"))), known_hours(str(values.pop("working_hours")))
    if history:
        values["team"] = team_on(history, on or today_in(zone), row.team)
    return Person(zone=zone, hours=hours, exceptions=exceptions, **values)


def _record(employee: Employee, team: str | None) -> EmployeeRecord:
    names = [name for name in EmployeeRecord.__dataclass_fields__ if name != "team"]
    return EmployeeRecord(team=team, **{name: getattr(employee, name) for name in names})
