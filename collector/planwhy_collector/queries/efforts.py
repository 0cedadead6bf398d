"""How long the cards of tasks were in front, and which tasks were done in time.

In: people and days. Out: tasks, and time by task. Never: anything finer.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from planwhy_shared.times import Interval
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from planwhy_collector.models import DayTotal, Task


def card_time(session: Session, employee_ids: Sequence[int], first: date, last: date) -> dict[tuple[int, str], int]:
    """Add up the settled milliseconds on task cards, within and outside working hours, by employee and task id."""
    spent = func.sum(DayTotal.working_ms + DayTotal.other_ms)
    where = (DayTotal.employee_id.in_(employee_ids), DayTotal.day >= first, DayTotal.day <= last)
    query = select(DayTotal.employee_id, DayTotal.entity_id, spent).where(*where, DayTotal.entity_type == "task")
    rows = session.execute(query.group_by(DayTotal.employee_id, DayTotal.entity_id))
    return {(employee_id, task_id): int(ms) for employee_id, task_id, ms in rows}


def done_in_time(
    session: Session, employee_ids: Sequence[int], kinds: Collection[str], bounds: Interval
) -> tuple[tuple[int, str, str], ...]:
    """Find the tasks of some kinds that were closed within the bounds, and by their deadline if they had one.

    As (employee, task id, kind); what was closed at the very end of the bounds still counts.
    """
    query = select(Task.employee_id, Task.id, Task.kind).where(
        Task.employee_id.in_(employee_ids),
        Task.kind.in_(kinds),
        Task.created_ms < bounds.end_ms,
        Task.closed_ms.between(bounds.start_ms, bounds.end_ms),
        or_(Task.deadline_ms.is_(None), Task.closed_ms <= Task.deadline_ms),
    )
    rows: Any = session.execute(query)
    return tuple((employee_id, task_id, kind) for employee_id, task_id, kind in rows)
