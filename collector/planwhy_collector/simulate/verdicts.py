"""The true verdict on each overdue task of a simulated month, by the method's section 5. Pure.

In: months as they really were and as they were seen. Out: task → verdict. Never: the product's own code for the same
question.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec import Struct
from planwhy_shared.times import HOUR_MS, Interval, day_bounds

from planwhy_collector.facts import TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.screens import task_card
from planwhy_collector.simulate.seeing import Seen, View
from planwhy_collector.simulate.tasking import EFFORT_MINUTES

SHORTEST_MS = 4 * HOUR_MS


class TrueVerdict(Struct, frozen=True):
    """`verdict`: what the method says by what was seen. `really`: what it would say had everything been seen."""

    verdict: str
    really: str


@dataclass(frozen=True, slots=True)
class _Spent:
    """The judged window in milliseconds of working time."""

    whole: int
    absent: int
    recorded: int
    own: int
    free: int
    doubtful: int


def overdue(month: Month, view: View, end_ms: int) -> dict[str, TrueVerdict]:
    """Judge every task that was overdue at some time before `end_ms`."""
    calendar = WorkCalendar(month.frame.member.person)
    found = {}
    for task in month.tasks:
        since = max(task.deadline_ms or end_ms, task.created_ms)
        if since < min(task.closed_ms or end_ms, end_ms):
            window = _window(calendar, task, since, end_ms)
            pieces = list(_within(view, window))
            seen, really = (_verdict(month, calendar, task, window, pieces, everything) for everything in (False, True))
            found[task.id] = TrueVerdict(seen, really)
    return found


def end_of(month: Month) -> int:
    """The instant at which the month's simulated part ends."""
    return day_bounds(month.frame.period.last, month.frame.member.person.zone).end_ms


def _verdict(
    month: Month, calendar: WorkCalendar, task: TaskFact, window: Interval, pieces: list[Seen], everything: bool
) -> str:
    spent, effort = _spent(month, calendar, task, window, pieces, everything), EFFORT_MINUTES[task.kind] * MINUTE
    rest = spent.whole - spent.absent
    if spent.absent * 2 > spent.whole:
        return "absent"
    if spent.recorded < 0.6 * rest or not rest:
        return "no_data"
    if spent.own >= effort or any(window.start_ms <= at < window.end_ms for at in _touches(month, task)):
        return "worked_not_closed"
    if spent.free >= effort:
        return "had_capacity"
    return "no_capacity" if spent.free + spent.doubtful < effort else "unclear"


def _window(calendar: WorkCalendar, task: TaskFact, since: int, end_ms: int) -> Interval:
    if calendar.ms_between(task.created_ms, since) >= SHORTEST_MS:
        return Interval(task.created_ms, since)
    until = min(calendar.after(task.created_ms, SHORTEST_MS), task.closed_ms or end_ms)
    return Interval(task.created_ms, max(since, until))


def _within(view: View, window: Interval) -> Iterator[Seen]:
    for day in view.days:
        if day and day[-1].end_ms > window.start_ms and day[0].start_ms < window.end_ms:
            yield from (s for s in day if s.end_ms > window.start_ms and s.start_ms < window.end_ms)


def _spent(
    month: Month, calendar: WorkCalendar, task: TaskFact, window: Interval, pieces: list[Seen], everything: bool
) -> _Spent:
    absences = (month.frame.absence,) if month.frame.absence else ()
    card = task_card(month.frame.member.number, task.id)
    whole = calendar.ms_between(window.start_ms, window.end_ms)
    absent = sum(i.ms for i in calendar.absent(absences, window))
    parts = [(s, Interval(s.start_ms, s.end_ms).cut(window).ms) for s in pieces]
    known = [(s, ms) for s, ms in parts if everything or (s.recorded and not s.strange)]
    recorded = sum(ms for s, ms in parts if everything or s.recorded)
    return _Spent(
        whole=whole,
        absent=absent,
        recorded=recorded,
        own=sum(ms for s, ms in known if s.screen == card),
        free=sum(ms for s, ms in known if s.kind in ("non_work", "idle", "locked")),
        doubtful=whole - absent - sum(ms for _, ms in known),
    )


def _touches(month: Month, task: TaskFact) -> Iterable[int]:
    wanted = "deal_id" if task.entity_type == "deal" else "client_id"
    return (c.at_ms for c in month.contacts if getattr(c, wanted) == task.entity_id)
