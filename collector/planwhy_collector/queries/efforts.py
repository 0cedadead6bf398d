"""How long the cards of tasks were in front. In: people and days. Out: time by task. Never: anything finer."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planwhy_collector.models import DayTotal


def card_time(session: Session, employee_ids: Sequence[int], first: date, last: date) -> dict[tuple[int, str], int]:
    """Add up the settled milliseconds on task cards, within and outside working hours, by employee and task id."""
    spent = func.sum(DayTotal.working_ms + DayTotal.other_ms)
    where = (DayTotal.employee_id.in_(employee_ids), DayTotal.day >= first, DayTotal.day <= last)
    query = select(DayTotal.employee_id, DayTotal.entity_id, spent).where(*where, DayTotal.entity_type == "task")
    rows = session.execute(query.group_by(DayTotal.employee_id, DayTotal.entity_id))
    return {(employee_id, task_id): int(ms) for employee_id, task_id, ms in rows}
