"""Employees and teams. In: keys and filters. Out: Person facts with zone and hours parsed. Never: what they did."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from zoneinfo import ZoneInfo

from planwhy_shared.hours import WorkingHours, parse_hours
from planwhy_shared.ids import new_key
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import EmployeeRecord, Person
from planwhy_collector.models import Employee, Team
from planwhy_collector.queries.upsert import upsert


def person(session: Session, key: str) -> Person:
    """Find an employee by public id. Raises NotFound."""
    found = session.execute(_people().where(Employee.key == key)).first()
    if found is None:
        raise NotFound(f"there is no employee {key!r}")
    return _person(found)


def person_by_id(session: Session, employee_id: int) -> Person:
    """Find an employee by database key. Raises NotFound."""
    found = session.execute(_people().where(Employee.id == employee_id)).first()
    if found is None:
        raise NotFound("there is no such employee")
    return _person(found)


def people(session: Session, team: str | None = None, supervisor_email: str | None = None) -> tuple[Person, ...]:
    """List employees by team, then name; of one team, of one supervisor (case does not matter), or all."""
    query = _people()
    if team is not None:
        query = query.where(Team.name == team)
    if supervisor_email is not None:
        query = query.where(func.lower(Employee.supervisor_email) == supervisor_email.lower())
    return tuple(_person(row) for row in session.execute(query.order_by(Team.name, Employee.name, Employee.key)))


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
    """All employees as written, by public id."""
    query = select(Employee, Team.name).outerjoin(Team, Team.id == Employee.team_id)
    return {employee.key: _record(employee, team) for employee, team in session.execute(query)}


def add_employee(session: Session, record: EmployeeRecord) -> int:
    """Add one employee and return the database key. Raises InvalidInput where the public id is taken."""
    if session.scalar(select(Employee.id).where(Employee.key == record.key)) is not None:
        raise InvalidInput(f"employee {record.key!r} exists already")
    ids = ids_for(session, {record.key})
    store_employees(session, [record], ids)
    return ids[record.key]


def ids_for(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Map every known public id, and each of `keys` that is new, to its database key; new ones are only drawn."""
    known = employee_ids(session)
    return known | _fresh(set(keys) - known.keys())


def store_employees(session: Session, records: Iterable[EmployeeRecord], ids: Mapping[str, int]) -> None:
    """Insert or update employees under the database keys that `ids_for` gave, with their teams."""
    listed = tuple(records)
    team_ids = _team_ids(session, {r.team for r in listed if r.team})
    upsert(session, Employee, [_columns(r, ids[r.key], team_ids) for r in listed])


def _columns(record: EmployeeRecord, employee_id: int, team_ids: dict[str, int]) -> dict[str, object]:
    columns: dict[str, object] = asdict(record)
    team = columns.pop("team")
    return columns | {"id": employee_id, "team_id": team_ids[str(team)] if team else None}


def _team_ids(session: Session, names: set[str]) -> dict[str, int]:
    known = {row.name: row.id for row in session.execute(select(Team.name, Team.id))}
    new = _fresh(names - known.keys())
    upsert(session, Team, [{"id": key, "name": name} for name, key in new.items()])
    return known | new


def _fresh(names: set[str]) -> dict[str, int]:
    """A key for each name; drawn again on the rare collision of two keys made in the same millisecond."""
    keys: set[int] = set()
    while len(keys) < len(names):
        keys.add(new_key())
    return dict(zip(sorted(names), sorted(keys), strict=True))


_FIELDS = (
    Employee.id, Employee.key, Employee.name, Employee.position, Employee.time_zone, Employee.working_hours,
    Employee.country, Employee.hired_on, Employee.left_on, Employee.email, Employee.supervisor_email,
)  # fmt: skip


def _people() -> Select[*tuple[object, ...]]:
    return select(*_FIELDS, Team.name.label("team")).outerjoin(Team, Team.id == Employee.team_id)


def _person(row: Row[*tuple[object, ...]]) -> Person:
    values = dict(row._mapping)
    zone = ZoneInfo(str(values.pop("time_zone")))
    return Person(zone=zone, hours=_hours(str(values.pop("working_hours"))), **values)


def _record(employee: Employee, team: str | None) -> EmployeeRecord:
    names = [name for name in EmployeeRecord.__dataclass_fields__ if name != "team"]
    return EmployeeRecord(team=team, **{name: getattr(employee, name) for name in names})


@lru_cache(maxsize=1024)
def _hours(text: str) -> WorkingHours:
    return parse_hours(text)
