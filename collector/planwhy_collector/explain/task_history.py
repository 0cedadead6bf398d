"""Stage 10, pure: what a reader is told of a task's past beside its verdict.

In: an overdue task, as-of. Out: moves, reopenings, when it was the person's. Never: anything from after as-of, or
who else had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planwhy_collector.explain.overruns import Overdue
from planwhy_collector.explain.task_life import Step, same_written_day
from planwhy_collector.facts import TaskFact


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """Deadlines moved, how often the task was reopened, and when it was the person's (ms).

    `held` None: theirs from its creation on; its end None: theirs still. `entity_deleted`: what it is about is gone.
    """

    moves: Sequence[Step[int | None]] = ()
    reopened: int = 0
    held: tuple[int, int | None] | None = None
    entity_deleted: bool = False


NO_HISTORY = TaskHistory()


def history_of(one: Overdue, entity_deleted: bool = False) -> TaskHistory:
    """Tell what happened to a task up to as-of."""
    life, as_of_ms = one.held.life, one.as_of_ms
    return TaskHistory(
        moves=tuple(step for step in life.deadline.steps if step.at_ms <= as_of_ms and is_move(life.task, step)),
        reopened=sum(not step.new for step in life.closed.steps if step.at_ms <= as_of_ms),
        held=_held(one),
        entity_deleted=entity_deleted,
    )


def is_move(task: TaskFact, step: Step[int | None]) -> bool:
    """Whether a step moved the deadline: a day that ends at another instant because of another zone is the same."""
    return not (task.deadline_is_day and same_written_day(step.old, step.new))


def _held(one: Overdue) -> tuple[int, int | None] | None:
    """When the task was the person's around the overrun that is judged."""
    life, at_ms = one.held.life, one.judged.span.start_ms
    start_ms = max(life.task.created_ms, life.owner.since(at_ms) or 0)
    later = (step.at_ms for step in life.owner.steps if at_ms < step.at_ms <= one.as_of_ms)
    end_ms = next(later, None)
    return None if start_ms == life.task.created_ms and end_ms is None else (start_ms, end_ms)
