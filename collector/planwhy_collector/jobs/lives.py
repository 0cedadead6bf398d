"""The tasks of a person over time: query → pure. In: a person, bounds. Out: tasks as far as they were in their hands.

Safe to run twice: it stores nothing. Never: a judgement.
"""

from planwhy_shared.times import Interval
from sqlalchemy.orm import Session

from planwhy_collector.explain.task_life import Held, life_of
from planwhy_collector.queries import crm
from planwhy_collector.queries.task_changes import changes_of, tasks_given_away


def tasks_held(session: Session, employee_id: int, bounds: Interval) -> tuple[Held, ...]:
    """Find the tasks that were open in a person's hands at some time within the bounds, also those given away since."""
    own = crm.tasks_of(session, employee_id, bounds)
    given_away = set(tasks_given_away(session, employee_id, bounds.start_ms)) - {task.id for task in own}
    tasks = (*own, *crm.tasks_by_id(session, given_away).values())
    changes = changes_of(session, (task.id for task in tasks))
    held = (life_of(task, changes.get(task.id, ())).held_by(employee_id) for task in tasks)
    return tuple(one for one in held if _touches(one, bounds))


def _touches(held: Held, bounds: Interval) -> bool:
    return any(s.start_ms < bounds.end_ms and s.end_ms >= bounds.start_ms for s in held.states)
