"""The history of tasks. In: task ids, people. Out: changes. Rows are only added, or told again more exactly."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.facts import TaskChangeFact
from planwhy_collector.models import TaskChange
from planwhy_collector.queries.upsert import chunks, upsert

_CHANGE: tuple[Any, ...] = (
    TaskChange.task_id, TaskChange.at_ms, TaskChange.field, TaskChange.old_ms, TaskChange.new_ms,
    TaskChange.old_owner, TaskChange.new_owner,
)  # fmt: skip


def changes_of(session: Session, task_ids: Iterable[str]) -> Mapping[str, Sequence[TaskChangeFact]]:
    """Find what happened to tasks, by task and in order of time; tasks without changes are left out."""
    query = select(*_CHANGE).order_by(TaskChange.task_id, TaskChange.at_ms, TaskChange.field)
    found: defaultdict[str, list[TaskChangeFact]] = defaultdict(list)
    for part in chunks(sorted(set(task_ids))):
        for row in session.execute(query.where(TaskChange.task_id.in_(part))):
            found[row.task_id].append(TaskChangeFact(*row))
    return found


def tasks_given_away(session: Session, employee_id: int, since_ms: int) -> tuple[str, ...]:
    """Find the tasks that were taken from a person, or given away by them, at an instant or later."""
    return tuple(task_id for _, task_id in tasks_given_away_by(session, {employee_id: since_ms}))


def tasks_given_away_by(session: Session, since_ms: Mapping[int, int]) -> set[tuple[int, str]]:
    """The same of several people, each since their own instant, as (former owner, task)."""
    query = select(TaskChange.old_owner, TaskChange.task_id, TaskChange.at_ms)
    parts = chunks(sorted(since_ms))
    rows = (row for part in parts for row in session.execute(query.where(TaskChange.old_owner.in_(part))))
    return {(owner, task_id) for owner, task_id, at_ms in rows if owner is not None and at_ms >= since_ms[owner]}


def append_changes(session: Session, changes: Iterable[TaskChangeFact], seen_ms: int) -> None:
    """Add changes that became known at `seen_ms`; one of the same task, instant and field is replaced."""
    upsert(session, TaskChange, (asdict(change) | {"seen_ms": seen_ms} for change in changes))
