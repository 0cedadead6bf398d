"""Stage 10, pure: how a task stood at each moment: whose it was, when it was due, whether it was open.

In: a task in its newest state and its changes, in any order. Out: states that follow each other from its creation on.
Never: a judgement, or a guess of what nobody told: the state before a change is the one that the change says it ended.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import Generic, TypeVar

from msgspec import Struct
from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import TaskChangeFact, TaskFact

FOREVER = 1 << 62
"""The end of a state that lasts (ms)."""

DAY_MS = 24 * HOUR_MS
EAST_MS = 14 * HOUR_MS
"""No zone is farther ahead of UTC: a day ends there first, and in the other inhabited zones within 24 hours."""

T = TypeVar("T")


class State(Struct, frozen=True):
    """How a task stood from `start_ms` up to, not including, `end_ms`.

    `owner` None: nobody's. `held_ms`: since when it was that owner's. `open` is false while closed and once deleted.
    """

    start_ms: int
    end_ms: int
    owner: int | None
    held_ms: int
    deadline_ms: int | None
    open: bool


class Step(Struct, Generic[T], frozen=True):
    """One change of one thing: what it was before, what it was from then on."""

    at_ms: int
    old: T
    new: T


class Track(Struct, Generic[T], frozen=True):
    """One thing over time: its steps in order, their instants, and what it is by now."""

    steps: tuple[Step[T], ...]
    times: tuple[int, ...]
    newest: T

    def at(self, at_ms: int) -> T:
        """What it was at an instant; a step at that very instant has been taken."""
        index = bisect_right(self.times, at_ms)
        return self.steps[index].old if index < len(self.steps) else self.newest

    def since(self, at_ms: int) -> int | None:
        """The instant since which it was so; None: from the beginning, or nobody knows."""
        index = bisect_right(self.times, at_ms)
        return self.times[index - 1] if index else None


@dataclass(frozen=True, slots=True)
class TaskLife:
    """A task over time. `deadline`, `owner` and `closed` are its tracks; `states` begin at its creation."""

    task: TaskFact
    states: tuple[State, ...]
    deadline: Track[int | None]
    owner: Track[int | None]
    closed: Track[bool]

    def state_at(self, at_ms: int) -> State | None:
        """How it stood at an instant; None before its creation."""
        return next((s for s in self.states if s.start_ms <= at_ms < s.end_ms), None)

    def closed_at(self, at_ms: int) -> int | None:
        """When it was closed, by what was known at an instant; None while open, or where nobody knows when."""
        return self.closed.since(at_ms) if self.closed.at(at_ms) else None

    def held_by(self, owner: int) -> "Held":
        """The task as far as it was open in one person's hands."""
        return Held(self, tuple(s for s in self.states if s.owner == owner and s.open))


@dataclass(frozen=True, slots=True)
class Held:
    """A task in one person's hands: only the states in which it was theirs and open."""

    life: TaskLife
    states: tuple[State, ...]

    @property
    def task(self) -> TaskFact:
        """The task in its newest state."""
        return self.life.task

    def just_before(self, at_ms: int) -> State | None:
        """How it stood as an instant came; what happened at that very instant has not happened yet."""
        return next((s for s in self.states if s.start_ms < at_ms <= s.end_ms), None)


def life_of(task: TaskFact, changes: Iterable[TaskChangeFact] = ()) -> TaskLife:
    """Tell a task's life by walking back from its newest state, which counts where changes contradict it.

    A task that was reopened without a known closing counts as closed before; a deleted task does not come back.
    """
    told = tuple(changes)
    deadline = _track([Step(c.at_ms, c.old_ms, c.new_ms) for c in told if c.field == "deadline"], task.deadline_ms)
    owner = _track([Step(c.at_ms, c.old_owner, c.new_owner) for c in told if c.field == "owner"], task.employee_id)
    closed = _track(list(_closings(task, told)), task.closed_ms is not None)
    states = _states(task.created_ms, _deleted(task, told), deadline, owner, closed)
    return TaskLife(task, states, deadline, owner, closed)


def same_written_day(one_ms: int | None, other_ms: int | None) -> bool:
    """Whether two deadlines by the day are the same day as written, which ends at another instant in another zone."""
    if one_ms is None or other_ms is None:
        return one_ms == other_ms
    return (one_ms + EAST_MS) // DAY_MS == (other_ms + EAST_MS) // DAY_MS


def _states(
    created_ms: int, deleted_ms: int, deadline: Track[int | None], owner: Track[int | None], closed: Track[bool]
) -> tuple[State, ...]:
    tracks: tuple[Track[int | None] | Track[bool], ...] = (deadline, owner, closed)
    cuts = {deleted_ms}.union(*(track.times for track in tracks))
    starts = [created_ms, *sorted(cut for cut in cuts if created_ms < cut < FOREVER)]
    return tuple(
        State(
            start, end, owner.at(start), max(created_ms, owner.since(start) or created_ms), deadline.at(start),
            start < deleted_ms and not closed.at(start),
        )
        for start, end in pairwise([*starts, FOREVER])
    )  # fmt: skip


def _closings(task: TaskFact, changes: Iterable[TaskChangeFact]) -> Iterable[Step[bool]]:
    """All closings and reopenings that are told; the last closing stands in the task itself."""
    for change in changes:
        if change.field in ("closed", "reopened"):
            yield Step(change.at_ms, change.field == "reopened", change.field == "closed")
    if task.closed_ms is not None:
        yield Step(task.closed_ms, False, True)


def _deleted(task: TaskFact, changes: Iterable[TaskChangeFact]) -> int:
    told = [c.at_ms for c in changes if c.field == "deleted"]
    return min(told if task.deleted_ms is None else [*told, task.deleted_ms], default=FOREVER)


def _track(steps: Sequence[Step[T]], newest: T) -> Track[T]:
    """Put steps in order. One that leads where the step before it led tells the same again, and is dropped:

    an import noticed the change, and later its history told when it really was.
    """
    out: list[Step[T]] = []
    for step in _ordered(steps, newest) if len(steps) > 1 else steps:
        if not out or out[-1].new != step.new:
            out.append(step)
    return Track(tuple(out), tuple(step.at_ms for step in out), newest)


def _ordered(steps: Iterable[Step[T]], newest: T) -> Iterable[Step[T]]:
    """Order by time; of steps at one instant the last is the one that leads to what comes after."""
    back: list[Step[T]] = []
    for _, together in groupby(sorted(steps, key=_at, reverse=True), key=_at):
        after = back[-1].old if back else newest
        back += sorted(together, key=partial(_leads_elsewhere, after))
    return reversed(back)


def _leads_elsewhere(after: T, step: Step[T]) -> bool:
    return step.new != after


def _at(step: Step[T]) -> int:
    return step.at_ms
