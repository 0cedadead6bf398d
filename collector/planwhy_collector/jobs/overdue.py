"""Judges the overdue tasks of a person: query → pure. In: a person, days, as-of. Out: tasks with verdicts.

Safe to run twice: it settles days that need it and stores nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import date, timedelta

from planwhy_shared.times import HOUR_MS, Interval, day_bounds, day_of
from sqlalchemy.orm import Session

from planwhy_collector.db import Database
from planwhy_collector.explain.evidence import JudgedTask
from planwhy_collector.explain.overdue import (
    Cards,
    TaskTime,
    cards_of,
    contacts_on,
    judge,
    possible_window,
    usual_effort_ms,
)
from planwhy_collector.explain.overruns import Overdue, overdue_within
from planwhy_collector.explain.task_history import TaskHistory, history_of
from planwhy_collector.explain.windows import SpentTime, partial_days, whole_days
from planwhy_collector.facts import ClientFact, ContactFact, DealFact, Person, TaskFact
from planwhy_collector.jobs.judging import judged_between
from planwhy_collector.jobs.lives import tasks_held
from planwhy_collector.jobs.settle import settle_heard, settled_totals
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import crm
from planwhy_collector.queries.efforts import card_time, done_in_time
from planwhy_collector.queries.people import colleagues
from planwhy_collector.rollup.piece import Judged

EFFORT_DAYS = 90
BETWEEN_RUNS = timedelta(days=4)
"""Days that lie no further apart are read at once: a weekend between them costs less than asking twice."""


def judged_tasks(
    database: Database, person: Person, bounds: Interval, as_of_ms: int, effort_minutes: float
) -> tuple[JudgedTask, ...]:
    """Judge the tasks that were overdue in the person's hands within the bounds.

    `effort_minutes` stands in for an unknown effort; the team that tells the usual one is that of the first day.
    """
    with database.reading() as session:
        late = overdue_within(tasks_held(session, person.id, bounds), bounds, as_of_ms)
    if not late:
        return ()
    calendar = WorkCalendar(person)
    windows = {one.task.id: possible_window(one.as_judged, calendar, as_of_ms) for one in late}
    spent = _spent(database, person, [*windows.values(), *(o.span for one in late for o in one.overruns)], as_of_ms)
    with database.reading() as session:
        contacts = crm.contacts_of(session, person.id, _around(windows.values()))
        named = crm.tasks_by_id(session, {c.task_id for c in contacts if c.task_id})
        team = (person, *colleagues(session, person, day_of(bounds.start_ms, person.zone)))
        gone = _deleted_entities(session, [one.task for one in late], as_of_ms)
    efforts = _efforts(database, team, {one.task.kind for one in late}, as_of_ms)
    configured = round(effort_minutes * HOUR_MS / 60)
    return tuple(
        _judged(
            one,
            windows[one.task.id],
            (spent, cards_of(one.task, own_only=efforts[one.task.kind] is not None)),
            contacts_on(one.task, contacts, named),
            efforts[one.task.kind] or configured,
            history_of(one, (one.task.entity_type, one.task.entity_id) in gone),
        )
        for one in late
    )


def _judged(
    one: Overdue,
    window: Interval,
    on: tuple[SpentTime, Cards],
    contacts: Iterable[ContactFact],
    effort: int,
    history: TaskHistory,
) -> JudgedTask:
    spent, cards = on
    found = judge(window, spent.of(cards, window), contacts, effort)
    overdue_time = sum((spent.of(cards, overrun.span) for overrun in one.overruns), TaskTime())
    return JudgedTask(one.as_told, found.verdict, window, found.time, overdue_time, effort, history)


def _deleted_entities(session: Session, tasks: Sequence[TaskFact], as_of_ms: int) -> set[tuple[str, str]]:
    """Find the deals and clients of tasks that were deleted as of then, by type and id."""
    deals = crm.deals_by_id(session, {task.entity_id for task in tasks if task.entity_type == "deal"})
    clients = crm.clients_by_id(session, {task.entity_id for task in tasks if task.entity_type == "client"})
    facts: list[DealFact | ClientFact] = [*deals.values(), *clients.values()]
    gone = [fact for fact in facts if fact.deleted_ms is not None and fact.deleted_ms <= as_of_ms]
    return {("deal" if isinstance(fact, DealFact) else "client", fact.id) for fact in gone}


def _spent(database: Database, person: Person, windows: Sequence[Interval], as_of_ms: int) -> SpentTime:
    around = _around(windows)
    first, last = day_of(around.start_ms, person.zone), day_of(max(around.start_ms, around.end_ms - 1), person.zone)
    days = whole_days(settled_totals(database, person, first, last, as_of_ms))
    pieces: defaultdict[date, list[Judged]] = defaultdict(list)
    with database.reading() as session:
        for run in _runs(partial_days(windows, person.zone)):
            bounds = Interval(day_bounds(run[0], person.zone).start_ms, day_bounds(run[-1], person.zone).end_ms)
            for piece in judged_between(session, person, bounds, as_of_ms):
                for day in _days(piece, person):
                    pieces[day].append(piece)
    return SpentTime(person.zone, days, pieces)


def _days(piece: Judged, person: Person) -> set[date]:
    """A piece may reach over midnight; windows cut it to each of its days."""
    return {day_of(piece.start_ms, person.zone), day_of(piece.end_ms - 1, person.zone)}


def _around(windows: Iterable[Interval]) -> Interval:
    listed = tuple(windows)
    return Interval(min(w.start_ms for w in listed), max(w.end_ms for w in listed))


def _runs(days: Iterable[date]) -> list[list[date]]:
    """Put near days together, so that each run is read at once."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] <= BETWEEN_RUNS:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _efforts(database: Database, team: Sequence[Person], kinds: Set[str], as_of_ms: int) -> dict[str, int | None]:
    """Find the usual effort of kinds of tasks: from tasks the team did in time in 90 days, settled before.

    Only time on the tasks' own cards tells of it; a deal's card holds other work too. Tasks without a kind have none.
    """
    last = day_of(as_of_ms, team[0].zone)
    first = last - timedelta(days=EFFORT_DAYS)
    if any(kinds):
        settle_heard(database, team, first, last, as_of_ms)
    bounds = Interval(as_of_ms - EFFORT_DAYS * 24 * HOUR_MS, as_of_ms)
    samples: defaultdict[str, list[int]] = defaultdict(list)
    ids = [one.id for one in team]
    with database.reading() as session:
        spent = card_time(session, ids, first, last)
        for employee_id, task_id, kind in done_in_time(session, ids, kinds - {""}, bounds):
            samples[kind].append(spent.get((employee_id, task_id), 0))
    return {kind: usual_effort_ms(samples[kind]) for kind in kinds}
