"""Stage 10, pure: when a task was overdue in a person's hands, and which of these times is judged.

In: a task in one person's hands, bounds, as-of. Out: overruns, and the task as it is judged. Never: time that the
task was closed, deleted or someone else's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planwhy_shared.times import Interval

from planwhy_collector.explain.overdue import overdue_stretch
from planwhy_collector.explain.task_life import Held, State, TaskLife
from planwhy_collector.facts import TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Overrun:
    """A time overdue without a break: its bounds, the deadline that had run out, since when the person had the task.

    An overrun that begins with a reopening is had since then: what was closed could not be done.
    """

    span: Interval
    deadline_ms: int
    had_ms: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A task that was overdue in a person's hands up to `as_of_ms`: all its overruns, and the one that is judged."""

    held: Held
    overruns: tuple[Overrun, ...]
    judged: Overrun
    as_of_ms: int

    @property
    def task(self) -> TaskFact:
        """The task in its newest state."""
        return self.held.task

    @property
    def as_judged(self) -> TaskFact:
        """The task as if the judged overrun were all of its life: had, due, and no longer theirs or open."""
        one = self.judged
        return replace(self.task, created_ms=one.had_ms, deadline_ms=one.span.start_ms, closed_ms=one.span.end_ms)

    @property
    def as_told(self) -> TaskFact:
        """The task as it is shown: with the deadline that ran out, and closed only if it was as of then."""
        closed_ms = self.held.life.closed_at(self.as_of_ms)
        return replace(self.task, deadline_ms=self.judged.deadline_ms, closed_ms=closed_ms)

    def working_ms(self, calendar: WorkCalendar) -> int:
        """Working time in all overruns."""
        return sum(calendar.ms_between(one.span.start_ms, one.span.end_ms) for one in self.overruns)


def overdue_within(held: Iterable[Held], bounds: Interval, as_of_ms: int) -> tuple[Overdue, ...]:
    """Find the tasks that were overdue in the person's hands at some time within the bounds.

    Judged is the first overrun that begins within the bounds; else the one that reaches into them.
    """
    return tuple(found for one in held if (found := _overdue(one, bounds, as_of_ms)) is not None)


def overruns_of(held: Held, as_of_ms: int) -> tuple[Overrun, ...]:
    """All overruns of a task in a person's hands up to as-of, in order."""
    out: list[Overrun] = []
    for one in _pieces(held, as_of_ms):
        if out and out[-1].span.end_ms == one.span.start_ms:
            out[-1] = replace(out[-1], span=Interval(out[-1].span.start_ms, one.span.end_ms))
        else:
            out.append(one)
    return tuple(out)


def _overdue(held: Held, bounds: Interval, as_of_ms: int) -> Overdue | None:
    overruns = overruns_of(held, as_of_ms)
    touching = [one for one in overruns if one.span.cut(bounds).ms]
    if not touching:
        return None
    begun = (one for one in touching if one.span.start_ms >= bounds.start_ms)
    return Overdue(held, overruns, next(begun, touching[0]), as_of_ms)


def _pieces(held: Held, as_of_ms: int) -> Iterator[Overrun]:
    for state in held.states:
        if state.deadline_ms is not None and state.deadline_ms < min(state.end_ms, as_of_ms):
            span = overdue_stretch(_as_it_stood(held.task, state), as_of_ms)
            reopened = span.start_ms == state.start_ms and _was_closed(held.life, state)
            if span.ms:
                yield Overrun(span, state.deadline_ms, state.start_ms if reopened else state.held_ms)


def _as_it_stood(task: TaskFact, state: State) -> TaskFact:
    return replace(task, created_ms=state.start_ms, deadline_ms=state.deadline_ms, closed_ms=state.end_ms)


def _was_closed(life: TaskLife, state: State) -> bool:
    """Whether the task was closed as the state began."""
    before = life.state_at(state.start_ms - 1)
    return before is not None and not before.open
