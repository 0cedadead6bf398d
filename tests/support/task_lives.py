"""Random lives of tasks as a story told forwards, one unit of time a "minute", and an oracle that reads the story.

The story is what really happened. The code under test sees only the newest state and the changes made from it.
"""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from planwhy_collector.facts import TaskChangeFact, TaskFact

MINUTES = 600
Event = tuple[int, str, int | None]
"""When, what (deadline, owner, close, reopen, delete), and the new deadline or owner."""


@dataclass(frozen=True)
class Told:
    """A task's first state, and what happened to it in order of time."""

    created: int
    owner: int | None
    deadline: int | None
    events: tuple[Event, ...]

    def until(self, minute: int) -> "Told":
        """The story as far as it had come."""
        return replace(self, events=tuple(e for e in self.events if e[0] <= minute))


@st.composite
def lives(draw: st.DrawFn) -> Told:
    """Draw a story; nothing happens before the creation, and no two things at once."""
    times = st.integers(0, MINUTES)
    deadline, owner = st.one_of(st.none(), times), st.sampled_from([None, 1, 2, 3])
    created = draw(st.integers(0, MINUTES // 2))
    moments = draw(st.lists(st.integers(created + 1, MINUTES), unique=True, max_size=9))
    events: list[Event] = []
    for moment in sorted(moments):
        what = draw(st.sampled_from(["deadline", "owner", "close", "reopen", "deadline", "owner", "close", "delete"]))
        new = draw(deadline if what == "deadline" else owner) if what in ("deadline", "owner") else None
        events.append((moment, what, new))
    return Told(created, draw(owner), draw(deadline), tuple(events))


def oracle(told: Told, minute: int) -> tuple[int | None, bool] | None:
    """Who had the task in a minute, and whether it was overdue; None before it was created."""
    if minute < told.created:
        return None
    owner, deadline, is_open, gone = told.owner, told.deadline, True, False
    for moment, what, new in told.events:
        if moment > minute:
            break
        if what == "owner":
            owner = new
        elif what == "deadline":
            deadline = new
        elif what == "delete":
            gone = True
        else:
            is_open = what == "reopen"
    return owner, is_open and not gone and deadline is not None and minute >= deadline


def task_and_changes(told: Told) -> tuple[TaskFact, tuple[TaskChangeFact, ...]]:
    """What a CRM would hand over: the newest state, and one row for each change that changed anything."""
    owner, deadline, closed, deleted = told.owner, told.deadline, None, None
    rows: list[TaskChangeFact] = []
    for moment, what, new in told.events:
        if what == "owner" and new != owner:
            rows.append(TaskChangeFact("t", moment, "owner", old_owner=owner, new_owner=new))
            owner = new
        elif what == "deadline" and new != deadline:
            rows.append(TaskChangeFact("t", moment, "deadline", old_ms=deadline, new_ms=new))
            deadline = new
        elif what == "close" and closed is None:
            rows.append(TaskChangeFact("t", moment, "closed"))
            closed = moment
        elif what == "reopen" and closed is not None:
            rows.append(TaskChangeFact("t", moment, "reopened"))
            closed = None
        elif what == "delete" and deleted is None:
            deleted = moment
    task = TaskFact("t", owner, "T", told.created, deadline, False, closed, "deal", "d", "call", deleted)
    return task, tuple(rows)
