"""Who was in which team, and from when on. In: people, transfers. Out: teams by day. Never: what a team did.

A person's team on a day is that of the latest membership that began by then. Whoever was never transferred has no
memberships, and is in the team that the employee record names. The first transfer also writes down the team before it,
from the beginning of time, so that the past stays what it was. From then on the record only tells what employees.csv
said last: the same file again moves nobody back.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from planwhy_shared.ids import new_key
from planwhy_shared.times import day_of
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import TransferRecord
from planwhy_collector.models import Employee, Membership, Team
from planwhy_collector.queries.upsert import chunks, upsert

BEGINNING = date(1970, 1, 1)
"""Since when the team before the first transfer holds: earlier than any day that is asked for."""


_MEMBERSHIPS = (
    select(Membership.employee_id, Membership.since, Team.name)
    .outerjoin(Team, Team.id == Membership.team_id)
    .where(Membership.employee_id.in_(bindparam("ids", expanding=True)))
    .order_by(Membership.employee_id, Membership.since)
)


def team_histories(session: Session, employee_ids: Iterable[int]) -> dict[int, tuple[TransferRecord, ...]]:
    """Find the memberships of these employees, each person's in order; those never transferred are left out."""
    found: dict[int, list[TransferRecord]] = {}
    for part in chunks(sorted(set(employee_ids))):
        for row in session.connection().execute(_MEMBERSHIPS, {"ids": part}):
            found.setdefault(row.employee_id, []).append(TransferRecord(*row))
    return {key: tuple(history) for key, history in found.items()}


def team_on(history: Sequence[TransferRecord], day: date, otherwise: str | None) -> str | None:
    """The team on a day by a history in order; `otherwise` is the employee record's."""
    return next((one.team for one in reversed(history) if one.since <= day), otherwise)


def once_in(team: str) -> Select[int]:
    """The employees who were, are or will be transferred into a team, as a subquery."""
    return select(Membership.employee_id).join(Team, Team.id == Membership.team_id).where(Team.name == team)


def today_in(zone: ZoneInfo, now_ms: int | None = None) -> date:
    """Find the day in a zone at an instant, or now."""
    return datetime.now(zone).date() if now_ms is None else day_of(now_ms, zone)


def store_transfers(session: Session, transfers: Iterable[TransferRecord]) -> None:
    """Insert or update memberships of employees that exist, by employee and day; teams that are new are added."""
    listed = tuple(transfers)
    of_teams = team_ids(session, {one.team for one in listed if one.team})
    rows = [_row(one.employee_id, one.since, of_teams[one.team] if one.team else None) for one in listed]
    upsert(session, Membership, [*_before_the_first(session, {one.employee_id for one in listed}), *rows])


def team_ids(session: Session, names: set[str]) -> dict[str, int]:
    """Map names of teams to database keys; teams that are new are added."""
    known = {row.name: row.id for row in session.execute(select(Team.name, Team.id))}
    new = fresh_keys(names - known.keys())
    upsert(session, Team, [{"id": key, "name": name} for name, key in new.items()])
    return known | new


def fresh_keys(names: set[str]) -> dict[str, int]:
    """A key for each name; drawn again on the rare collision of two keys made in the same millisecond."""
    keys: set[int] = set()
    while len(keys) < len(names):
        keys.add(new_key())
    return dict(zip(sorted(names), sorted(keys), strict=True))


def _row(employee_id: int, since: date, team_id: int | None) -> dict[str, object]:
    return {"employee_id": employee_id, "since": since, "team_id": team_id}


def _before_the_first(session: Session, ids: set[int]) -> list[dict[str, object]]:
    """Rows of the team until now, for those who were never transferred."""
    query = select(Employee.id, Employee.team_id)
    begun = select(Membership.employee_id)
    return [
        _row(employee_id, BEGINNING, team_id)
        for part in chunks(sorted(ids))
        for employee_id, team_id in session.execute(query.where(Employee.id.in_(part), Employee.id.not_in(begun)))
    ]
