"""The tasks of a person over time: query → pure. In: a person, bounds. Out: tasks as far as they were in their hands.

Safe to run twice: it stores nothing. Never: a judgement.
"""

from collections.abc import Mapping

from planwhy_shared.times import Interval
from sqlalchemy.orm import Session

from planwhy_collector.explain.task_life import Held, life_of
from planwhy_collector.queries import crm
from planwhy_collector.queries.task_changes import changes_of, tasks_given_away_by


def tasks_held(session: Session, employee_id: int, bounds: Interval) -> tuple[Held, ...]:
    """Find the tasks that were open in a person's hands at some time within the bounds, also those given away since."""
    return tasks_held_by(session, {employee_id: bounds})[employee_id]


def tasks_held_by(session: Session, bounds: Mapping[int, Interval]) -> dict[int, tuple[Held, ...]]:
    """The same of several people, each within their bounds, by employee. A fixed number of queries."""
    own = crm.tasks_of_people(session, bounds)
    mine = {(task.employee_id, task.id) for task in own}
    former = tasks_given_away_by(session, {key: within.start_ms for key, within in bounds.items()}) - mine
    known = {task.id: task for task in own} | crm.tasks_by_id(session, {task_id for _, task_id in former})
    changes = changes_of(session, known)
    lives = {key: life_of(task, changes.get(key, ())) for key, task in known.items()}
    held: dict[int, list[Held]] = {key: [] for key in bounds}
    for owner, task_id in [*((task.employee_id or 0, task.id) for task in own), *sorted(former)]:
        if task_id in lives and _touches(one := lives[task_id].held_by(owner), bounds[owner]):
            held[owner].append(one)
    return {key: tuple(listed) for key, listed in held.items()}


def _touches(held: Held, bounds: Interval) -> bool:
    return any(s.start_ms < bounds.end_ms and s.end_ms >= bounds.start_ms for s in held.states)
