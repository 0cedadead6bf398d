"""The true verdict on each overdue task of a simulated month, by the method's section 5. Pure.

In: months as they really were. Out: task → verdict. Never: the product's own code for the same question.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planwhy_shared.times import HOUR_MS, Interval, day_bounds

from planwhy_collector.facts import TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.day import MINUTE, Stretch
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.screens import task_card

USUAL_MS = 8 * MINUTE
"""About the median of the time that simulated people spend on a task's card."""
SHORTEST_MS = 4 * HOUR_MS


@dataclass(frozen=True, slots=True)
class _Seen:
    """The judged window in milliseconds of working time."""

    whole: int
    absent: int
    recorded: int
    own: int
    free: int


def overdue(month: Month, end_ms: int) -> dict[str, str]:
    """Judge every task that was overdue at some time before `end_ms`."""
    calendar = WorkCalendar(month.frame.member.person)
    late = (t for t in month.tasks if t.deadline_ms is not None and t.deadline_ms < min(t.closed_ms or end_ms, end_ms))
    return {task.id: _verdict(month, calendar, task, end_ms) for task in late}


def _verdict(month: Month, calendar: WorkCalendar, task: TaskFact, end_ms: int) -> str:
    window = _window(calendar, task, end_ms)
    seen = _seen(month, calendar, task, window)
    if seen.absent * 2 > seen.whole:
        return "absent"
    if seen.recorded < 0.6 * (seen.whole - seen.absent):
        return "no_data"
    if seen.own >= USUAL_MS or any(window.start_ms <= at < window.end_ms for at in _touches(month, task)):
        return "worked_not_closed"
    return "no_capacity" if seen.free < USUAL_MS else "had_capacity"


def _window(calendar: WorkCalendar, task: TaskFact, end_ms: int) -> Interval:
    deadline = task.deadline_ms or task.created_ms
    if calendar.ms_between(task.created_ms, deadline) >= SHORTEST_MS:
        return Interval(task.created_ms, deadline)
    until = min(calendar.after(task.created_ms, SHORTEST_MS), task.closed_ms or end_ms)
    return Interval(task.created_ms, max(deadline, until))


def _seen(month: Month, calendar: WorkCalendar, task: TaskFact, window: Interval) -> _Seen:
    absences = (month.frame.absence,) if month.frame.absence else ()
    absent = sum(i.ms for i in calendar.absent(absences, window))
    parts = [(s, Interval(s.start_ms, s.end_ms).cut(window).ms) for s in _recorded(month)]  # small holes aside
    card = task_card(month.frame.member.number, task.id)
    own = sum(ms for s, ms in parts if s.screen == card)
    free = sum(ms for s, ms in parts if s.kind in ("non_work", "idle", "locked"))
    whole = calendar.ms_between(window.start_ms, window.end_ms)
    return _Seen(whole, absent, sum(ms for _, ms in parts), own, free)


def _recorded(month: Month) -> Iterator[Stretch]:
    for day, seen in zip(month.days, month.frame.days, strict=True):
        if not seen.silent:
            yield from day


def _touches(month: Month, task: TaskFact) -> Iterable[int]:
    wanted = "deal_id" if task.entity_type == "deal" else "client_id"
    return (c.at_ms for c in month.contacts if getattr(c, wanted) == task.entity_id)


def end_of(month: Month) -> int:
    """The instant at which the month's simulated part ends."""
    return day_bounds(month.frame.period.last, month.frame.member.person.zone).end_ms
