"""Stage 10, pure: what the time around an overdue task was spent on, and the one verdict per task.

In: a task, the person's judged time, the calendar. Out: windows, times by kind, a verdict with its figures.
Rules and their order: method, section 5. Never: a verdict where too little is recorded, or a word about the person.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Literal

from planwhy_shared.times import HOUR_MS, Interval

from planwhy_collector.facts import ContactFact, EntityRef, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.rollup.piece import Judged, Total

Verdict = Literal["absent", "no_data", "worked_not_closed", "no_capacity", "had_capacity", "unclear"]

Cards = frozenset[EntityRef]

LEAST_WINDOW_MS = 4 * HOUR_MS
"""A window with less working time is extended past the deadline."""
DAY_MS = 24 * HOUR_MS
LONGEST_WINDOW_MS = 366 * DAY_MS
"""Older time of a task is not looked at."""
ABSENT_SHARE = 0.5
RECORDED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class TaskTime:
    """A partition of a window's working time, milliseconds. `own_card` is work on the task's own card or entity."""

    own_card: int = 0
    sales: int = 0
    service: int = 0
    general: int = 0
    non_work: int = 0
    neutral: int = 0
    unclassified: int = 0
    idle: int = 0
    locked: int = 0
    asleep: int = 0
    absent: int = 0
    private: int = 0
    unrecorded: int = 0

    def __add__(self, other: "TaskTime") -> "TaskTime":
        """Both windows together."""
        return TaskTime(*(getattr(self, kind) + getattr(other, kind) for kind in KINDS))

    @property
    def total(self) -> int:
        """All of the window's working time."""
        return sum(getattr(self, kind) for kind in KINDS)

    @property
    def free(self) -> int:
        """Time in which the task could have been done: non-work, idle and locked without a call."""
        return self.non_work + self.idle + self.locked

    @property
    def doubtful(self) -> int:
        """Time that may have been free or not: nobody knows what it was."""
        return self.unclassified + self.unrecorded


KINDS = tuple(field.name for field in fields(TaskTime))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A task's verdict, the window it was judged on (ms), and the times in it."""

    verdict: Verdict
    window: Interval
    time: TaskTime


def overdue_from(task: TaskFact) -> int | None:
    """The instant from which a task is overdue: its deadline, or its creation where that came later."""
    return None if task.deadline_ms is None else max(task.deadline_ms, task.created_ms)


def overdue_stretch(task: TaskFact, as_of_ms: int) -> Interval:
    """From the deadline (or the creation, where that came later) until the task was closed, or until as-of.

    Empty where it was never overdue.
    """
    since = overdue_from(task)
    if since is None:
        return Interval(0, 0)
    return Interval(since, max(since, min(_closed(task, as_of_ms), as_of_ms)))


def possible_window(task: TaskFact, calendar: WorkCalendar, as_of_ms: int) -> Interval:
    """The time in which the task could have been done on time: created to deadline, at most the last 366 days of it.

    Where that holds less than four working hours, it is extended past the deadline until it does, or until the task
    was closed.
    """
    since = overdue_from(task)
    end_ms = as_of_ms if since is None else since
    start_ms = max(task.created_ms, end_ms - LONGEST_WINDOW_MS)
    if calendar.ms_between(start_ms, end_ms) >= LEAST_WINDOW_MS:
        return Interval(start_ms, end_ms)
    until_ms = min(_closed(task, as_of_ms), as_of_ms)
    days = max(0, min(until_ms - start_ms, LONGEST_WINDOW_MS)) // DAY_MS + 1
    return Interval(start_ms, max(end_ms, min(calendar.after(start_ms, LEAST_WINDOW_MS, days), until_ms)))


def task_time(cards: Cards, judged: Iterable[Judged], window: Interval) -> TaskTime:
    """Split a window's working time by kind. Pieces outside the window or outside working hours count for nothing."""
    spent = dict.fromkeys(KINDS, 0)
    for piece in judged:
        if piece.working:
            spent[kind_for(cards, piece)] += Interval(piece.start_ms, piece.end_ms).cut(window).ms
    return TaskTime(**spent)


def cards_of(task: TaskFact, own_only: bool) -> Cards:
    """The cards that are a task's own: its card, and unless `own_only` that of its deal, lead or client.

    Where a CRM shows no cards of tasks, people work on a task at the card of what it is about.
    """
    own = EntityRef("task", task.id)
    match task.entity_type:
        case ("deal" | "lead" | "client") as kind if task.entity_id and not own_only:
            return frozenset({own, EntityRef(kind, task.entity_id)})
    return frozenset({own})


def kind_for(cards: Cards, piece: Judged | Total) -> str:
    """The field of TaskTime that a stretch, or a day's total of such stretches, belongs to."""
    if piece.presence in ("off", "none"):
        return "unrecorded"
    if piece.presence not in ("active", "call"):
        return piece.presence
    if piece.entity in cards:
        return "own_card"
    if piece.label == "work" or (piece.presence == "call" and piece.label is None):
        return piece.area or "general"
    return piece.label or "unclassified"


def judge(window: Interval, time: TaskTime, contacts: Iterable[ContactFact], effort_ms: int) -> Judgement:
    """Give the verdict, by the stated rules in their order. `effort_ms` is the usual effort of such a task.

    `contacts` are those on the task or on its entity, see `contacts_on`.
    """
    return Judgement(_verdict(window, time, contacts, effort_ms), window, time)


def contacts_on(
    task: TaskFact, contacts: Iterable[ContactFact], named: Mapping[str, TaskFact]
) -> tuple[ContactFact, ...]:
    """Find the contacts on a task or on its entity. `named` are the tasks that contacts name, by id.

    A contact that names a task alone was made on what that task is about.
    """
    entity = (task.entity_type, task.entity_id)
    return tuple(c for c in contacts if c.task_id == task.id or (task.entity_id and entity in _made_on(c, named)))


def usual_effort_ms(card_times_ms: Sequence[int], least: int = 5) -> int | None:
    """The median time on card of tasks of a kind that were done in time; None where fewer than `least` tell.

    Tasks without any time on their card tell nothing of effort and are left out.
    """
    known = [ms for ms in card_times_ms if ms > 0]
    return round(median(known)) if len(known) >= least else None


def _verdict(window: Interval, time: TaskTime, contacts: Iterable[ContactFact], effort_ms: int) -> Verdict:
    rest = time.total - time.absent
    rules: tuple[tuple[Verdict, Callable[[], bool]], ...] = (
        ("absent", lambda: time.absent > ABSENT_SHARE * time.total),
        ("no_data", lambda: rest - time.unrecorded < RECORDED_SHARE * rest or rest <= 0),
        ("worked_not_closed", lambda: time.own_card >= effort_ms or _contacted(window, contacts)),
        ("no_capacity", lambda: time.free + time.doubtful < effort_ms),
        ("had_capacity", lambda: time.free >= effort_ms),
    )
    return next((verdict for verdict, holds in rules if holds()), "unclear")


def _contacted(window: Interval, contacts: Iterable[ContactFact]) -> bool:
    """Whether a contact was made in the window."""
    return any(window.start_ms <= contact.at_ms < window.end_ms for contact in contacts)


def _made_on(contact: ContactFact, named: Mapping[str, TaskFact]) -> tuple[tuple[str, str | None], ...]:
    """The deal and client of a contact, by type and id; where it names none, what its task is about."""
    if contact.deal_id or contact.client_id:
        return ("deal", contact.deal_id), ("client", contact.client_id)
    task = named.get(contact.task_id or "")
    return ((task.entity_type, task.entity_id),) if task else ()


def _closed(task: TaskFact, as_of_ms: int) -> int:
    return as_of_ms if task.closed_ms is None else task.closed_ms
