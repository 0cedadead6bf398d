"""The settled days. In: people and days. Out: totals, and which days ask to be settled. Never: a sum of its own.

A day is replaced whole, in one transaction. `dirty` may be set by anyone at any time: whoever settles a day claims
its row first, so that a mark set meanwhile waits and survives.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from planwhy_collector.facts import Area, EntityRef
from planwhy_collector.models import ContextRow, Day, DayContext, DayTotal, VerdictRow
from planwhy_collector.queries.bulk import insert_rows
from planwhy_collector.queries.upsert import chunks
from planwhy_collector.rollup.piece import ContextTotal, Total

CLEAN, JUDGE, READ = 0, 1, 2
"""What a day asks for: nothing, new verdicts on its first level, or all of it from the spans."""


@dataclass(frozen=True, slots=True)
class DayState:
    """What a day asks for, whether its spans are gone, when it was settled and changed, by which rules."""

    day: date
    dirty: int
    frozen: bool
    settled_ms: int | None
    revised_ms: int | None
    version: str


_DIRTY_COLUMNS = {"employee_id": "bigint", "day": "date", "dirty": "smallint", "frozen": "boolean", "version": "text"}
_SIDE_BY_SIDE: tuple[Area, ...] = ("sales", "service")
"""The areas of work but the last: the rest is general."""
_NOW_DIRTY = f"ON CONFLICT (employee_id, day) DO UPDATE SET dirty = {READ}"
_CONTEXT_COLUMNS = {
    "employee_id": "bigint", "day": "date", "presence": "varchar", "context_id": "bigint", "working_ms": "integer",
    "other_ms": "integer",
}  # fmt: skip
_TOTAL_COLUMNS = {
    "employee_id": "bigint", "day": "date", "presence": "varchar", "label": "varchar", "category": "text",
    "area": "varchar", "entity_type": "varchar", "entity_id": "text", "working_ms": "integer", "other_ms": "integer",
}  # fmt: skip
_ADDING = """ON CONFLICT (employee_id, day, presence, label, category, area, entity_type, entity_id) DO UPDATE SET
    working_ms = day_totals.working_ms + excluded.working_ms, other_ms = day_totals.other_ms + excluded.other_ms"""
_STATE = (Day.day, Day.dirty, Day.frozen, Day.settled_ms, Day.revised_ms, Day.version)


def mark_dirty(session: Session, employee_id: int, days: Iterable[date]) -> None:
    """Ask for days to be settled anew from what was recorded; days never heard of are added."""
    for part in chunks((employee_id, day.isoformat(), READ, False, "") for day in sorted(set(days))):
        insert_rows(session, Day.__tablename__, _DIRTY_COLUMNS, part, _NOW_DIRTY)


def mark_for_judging(session: Session, days: Iterable[tuple[int, date]]) -> None:
    """Ask for new verdicts on settled days, given as (employee, day)."""
    _update_days(session, days, {"dirty": JUDGE})


def mark_revised(session: Session, days: Iterable[tuple[int, date]], now_ms: int) -> None:
    """Say that settled days, given as (employee, day), came out differently now."""
    _update_days(session, days, {"revised_ms": now_ms})


def freeze_days(session: Session, before: date) -> None:
    """Say that the spans of all days before this one are gone, or partly gone: their first level stands for good."""
    session.execute(update(Day).where(Day.day < before, ~Day.frozen, Day.settled_ms.is_not(None)).values(frozen=True))


def dirty_days(session: Session, employee_id: int | None = None) -> tuple[tuple[int, date], ...]:
    """Find the days that ask to be settled, by employee and day."""
    query = select(Day.employee_id, Day.day).where(Day.dirty != CLEAN)
    if employee_id is not None:
        query = query.where(Day.employee_id == employee_id)
    rows = session.execute(query.order_by(Day.employee_id, Day.day))
    return tuple((key, day) for key, day in rows)


def days_asking(session: Session, last: date) -> int:
    """Count the days up to `last` that ask to be settled."""
    return session.scalar(select(func.count()).select_from(Day).where(Day.dirty != CLEAN, Day.day <= last)) or 0


def day_states(session: Session, employee_id: int, first: date, last: date) -> dict[date, DayState]:
    """Find the days from first to last that were ever heard of."""
    query = select(*_STATE).where(Day.employee_id == employee_id, Day.day >= first, Day.day <= last)
    return {row[0]: DayState(*row) for row in session.execute(query)}


def revised_days(
    session: Session, employee_ids: Iterable[int], first: date, last: date
) -> dict[int, tuple[tuple[date, int], ...]]:
    """Find the days that came out differently after they had been settled, and when they last did (ms), by employee."""
    found: dict[int, list[tuple[date, int]]] = {}
    query = select(Day.employee_id, Day.day, Day.revised_ms).where(Day.day >= first, Day.day <= last)
    for part in chunks(sorted(employee_ids)):
        of_part = query.where(Day.employee_id.in_(part), Day.revised_ms.is_not(None)).order_by(Day.employee_id, Day.day)
        for key, day, at_ms in session.execute(of_part):
            found.setdefault(key, []).append((day, int(at_ms or 0)))
    return {key: tuple(days) for key, days in found.items()}


def claim_days(session: Session, employee_id: int, days: Sequence[date]) -> dict[date, DayState]:
    """Lock the rows of days until the transaction ends, adding those that are missing."""
    known = select(Day.day).where(Day.employee_id == employee_id, Day.day.in_(days))
    mark_dirty(session, employee_id, set(days) - set(session.scalars(known)))
    claimed = known.with_only_columns(*_STATE).order_by(Day.day).with_for_update()
    return {row[0]: DayState(*row) for row in session.execute(claimed)}


def context_totals_of(session: Session, employee_id: int, first: date, last: date) -> tuple[ContextTotal, ...]:
    """Read the first level of the days from first to last."""
    query = select(
        DayContext.day, DayContext.presence, DayContext.context_id, DayContext.working_ms, DayContext.other_ms
    ).where(DayContext.employee_id == employee_id, DayContext.day >= first, DayContext.day <= last)
    order = (DayContext.day, DayContext.presence, DayContext.context_id)
    rows: Any = session.execute(query.order_by(*order))
    return tuple(ContextTotal(*row) for row in rows)


def totals_of(session: Session, employee_id: int, first: date, last: date) -> tuple[Total, ...]:
    """Read the second level of the days from first to last, as stored."""
    query = select(
        DayTotal.day, DayTotal.presence, DayTotal.label, DayTotal.category, DayTotal.area, DayTotal.entity_type,
        DayTotal.entity_id, DayTotal.working_ms, DayTotal.other_ms,
    ).where(DayTotal.employee_id == employee_id, DayTotal.day >= first, DayTotal.day <= last)  # fmt: skip
    return tuple(_total(row) for row in session.execute(query.order_by(*DayTotal.__table__.primary_key)))


def states_of_people(
    session: Session, employee_ids: Sequence[int], first: date, last: date
) -> dict[int, list[DayState]]:
    """Find the days from first to last that were ever heard of, in order, of several people, by employee."""
    found: dict[int, list[DayState]] = {}
    for part in chunks(employee_ids):
        query = select(Day.employee_id, *_STATE).where(Day.employee_id.in_(part), Day.day >= first, Day.day <= last)
        rows: Any = session.execute(query.order_by(Day.employee_id, Day.day))
        for employee_id, *state in rows:
            found.setdefault(employee_id, []).append(DayState(*state))
    return found


def working_totals(session: Session, employee_ids: Sequence[int], first: date, last: date) -> dict[int, list[Total]]:
    """Add up the stored working time of several people by day, presence, label and area, by employee.

    In the order of the key, so that no database has to sort: areas are added up side by side.
    """
    key = (DayTotal.employee_id, DayTotal.day, DayTotal.presence, DayTotal.label)
    of_areas = [func.sum(case((DayTotal.area == area, DayTotal.working_ms), else_=0)) for area in _SIDE_BY_SIDE]
    found: dict[int, list[Total]] = {}
    for part in chunks(employee_ids):
        where = (DayTotal.employee_id.in_(part), DayTotal.day >= first, DayTotal.day <= last)
        query = select(*key, func.sum(DayTotal.working_ms), *of_areas).where(*where).group_by(*key)
        for employee_id, day, presence, label, whole, *areas in session.connection().execute(query).all():
            totals = found.setdefault(employee_id, [])
            rest = int(whole)
            for area, ms in zip(_SIDE_BY_SIDE, areas, strict=True):
                if ms:
                    totals.append(Total(day, presence, label or None, None, area, None, int(ms), 0))
                    rest -= int(ms)
            if rest:
                of_rest: Area | None = "general" if label == "work" else None
                totals.append(Total(day, presence, label or None, None, of_rest, None, rest, 0))
    return found


def count_active_days(session: Session, first: date, last: date) -> tuple[int, int]:
    """How many people were active in the days from first to last, and on how many days together."""
    days = select(DayContext.employee_id, DayContext.day).where(*_active(first, last)).distinct().subquery()
    counts = select(func.count(days.c.employee_id.distinct()), func.count()).select_from(days)
    people, active = session.execute(counts).one()
    return people, active


def days_in_contexts(session: Session, context_ids: Iterable[int]) -> Iterator[tuple[int, date]]:
    """Find the settled days, as (employee, day), in which some contexts were seen."""
    days = select(DayContext.employee_id, DayContext.day).distinct()
    for part in chunks(sorted(context_ids)):
        rows: Any = session.execute(days.where(DayContext.context_id.in_(part)))
        yield from ((employee_id, day) for employee_id, day in rows)


def active_time(session: Session, first: date, last: date) -> int:
    """The settled active working milliseconds of everybody in the days from first to last."""
    return int(session.scalar(select(func.sum(DayContext.working_ms)).where(*_active(first, last))) or 0)


def active_by_program(
    session: Session, employee_id: int, profile: str, first: date, last: date
) -> tuple[tuple[str, str, str, int], ...]:
    """Add up the settled active working time by program, site and card: their name, label, area of work, milliseconds.

    Label and area are empty where there is none. Only sites of the CRM keep the paths that tell cards apart.
    """
    program = func.coalesce(ContextRow.host, ContextRow.app, "") + func.coalesce(ContextRow.path, "")
    label, area = func.coalesce(VerdictRow.label, ""), func.coalesce(VerdictRow.area, "")
    verdict = and_(VerdictRow.context_id == DayContext.context_id, VerdictRow.profile == profile)
    query = (
        select(program, label, area, func.sum(DayContext.working_ms))
        .outerjoin(ContextRow, ContextRow.id == DayContext.context_id)
        .outerjoin(VerdictRow, verdict)
        .where(DayContext.employee_id == employee_id, DayContext.day >= first, DayContext.day <= last)
        .where(DayContext.presence == "active", DayContext.working_ms > 0)
        .group_by(program, label, area)
        .order_by(program, label, area)
    )
    return tuple((str(name), str(judged), str(of), int(ms)) for name, judged, of, ms in session.execute(query))


def replace_day(
    session: Session,
    employee_id: int,
    state: DayState,
    levels: tuple[Sequence[ContextTotal], Sequence[Total]],
    changed: bool,
) -> None:
    """Put both levels of a claimed day in the place of what was there, and its new state. Nothing else is touched.

    Where `changed` is false the levels are the stored ones already, and only the state is written.
    """
    if changed:
        for model in (DayContext, DayTotal):
            session.execute(delete(model).where(model.employee_id == employee_id, model.day == state.day))
        first = [_context_row(employee_id, one) for one in levels[0]]
        insert_rows(session, "day_contexts", _CONTEXT_COLUMNS, first, "")
        insert_rows(session, "day_totals", _TOTAL_COLUMNS, [_total_row(employee_id, one) for one in levels[1]], "")
    values = {"dirty": state.dirty, "settled_ms": state.settled_ms, "revised_ms": state.revised_ms}
    where = (Day.employee_id == employee_id, Day.day == state.day)
    session.execute(update(Day).where(*where).values(version=state.version, **values))


def add_to_days(session: Session, shifts: Sequence[tuple[int, Total]]) -> tuple[tuple[int, date], ...]:
    """Add to totals of the second level, less than nothing where time leaves one; those left with none go.

    Returns the (employee, day) pairs that did not hold what should leave them: whoever asked takes it all back.
    """
    if not shifts:
        return ()
    rows = [_total_row(employee_id, total) for employee_id, total in shifts]
    insert_rows(session, "day_totals", _TOTAL_COLUMNS, rows, _ADDING)
    of_these = DayTotal.employee_id.in_(sorted({employee_id for employee_id, _ in shifts}))
    session.execute(delete(DayTotal).where(of_these, DayTotal.working_ms == 0, DayTotal.other_ms == 0))
    short = select(DayTotal.employee_id, DayTotal.day).distinct()
    less = or_(DayTotal.working_ms < 0, DayTotal.other_ms < 0)
    return tuple((key, day) for key, day in session.execute(short.where(of_these, less)))


def _active(first: date, last: date) -> tuple[Any, ...]:
    return DayContext.presence == "active", DayContext.day >= first, DayContext.day <= last


def _update_days(session: Session, days: Iterable[tuple[int, date]], values: dict[str, int]) -> None:
    where = (Day.employee_id == bindparam("whose"), Day.day == bindparam("which"))
    statement = update(Day).where(*where).values(**values)
    for part in chunks([{"whose": key, "which": day} for key, day in sorted(days)]):
        session.connection().execute(statement, list(part))


def _total(row: Any) -> Total:
    day, presence, label, category, area, card, card_id, working_ms, other_ms = row
    entity = EntityRef(card, card_id) if card else None
    return Total(day, presence, label or None, category or None, area or None, entity, working_ms, other_ms)


def _context_row(employee_id: int, one: ContextTotal) -> tuple[object, ...]:
    return employee_id, one.day.isoformat(), one.presence, one.context_id, one.working_ms, one.other_ms


def _total_row(employee_id: int, one: Total) -> tuple[object, ...]:
    card = (one.entity.type, one.entity.id) if one.entity else ("", "")
    meaning = (one.presence, one.label or "", one.category or "", one.area or "", *card)
    return employee_id, one.day.isoformat(), *meaning, one.working_ms, one.other_ms
