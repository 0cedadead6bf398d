"""What stood open at an instant: clients in care, deals, tasks, as they were then.

In: facts that the CRM holds today and what is known of their past. Out: what was open at the instant, each task with
the deadline and the owner that it had. Never: a judgement of it; that is `next_steps`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import day_of

from planwhy_collector.explain.task_life import TaskLife, life_of
from planwhy_collector.facts import ClientFact, DealFact, EntityRef, Person, TaskChangeFact, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar

NOBODYS = WorkCalendar(Person(0, "", "", None, "", ZoneInfo("UTC"), parse_hours(DEFAULT), ""))
"""The calendar of what belongs to nobody: the usual hours in UTC."""


@dataclass(frozen=True, slots=True)
class Board:
    """Facts as of today, in any order, that reach back to the earliest instant that is asked about.

    `changes`: what happened to tasks, by task. `contacts`: the last contact with a deal or client, `ended`: when the
    last task on it ended; ms.
    """

    clients: tuple[ClientFact, ...] = ()
    deals: tuple[DealFact, ...] = ()
    tasks: tuple[TaskFact, ...] = ()
    changes: Mapping[str, Sequence[TaskChangeFact]] = field(default_factory=dict)
    contacts: Mapping[EntityRef, int] = field(default_factory=dict)
    ended: Mapping[EntityRef, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was in care and open at an instant, by id; `lives` holds the whole life of each open task."""

    at_ms: int
    clients: Mapping[str, ClientFact]
    deals: Mapping[str, DealFact]
    tasks: Mapping[str, TaskFact]
    lives: Mapping[str, TaskLife]


def standing(board: Board, calendars: Mapping[int, WorkCalendar], at_ms: int) -> Standing:
    """Say what stood open at an instant; a client's last day in care ends in the zone of whose client it is."""
    lives = {task.id: life_of(task, board.changes.get(task.id, ())) for task in board.tasks}
    tasks = {key: task for key, life in lives.items() if (task := _as_it_was(life, at_ms)) is not None}
    return Standing(
        at_ms,
        {c.id: c for c in board.clients if _held(c, calendars, at_ms) and _there(c, at_ms)},
        {d.id: d for d in board.deals if _is_open(d, at_ms) and _there(d, at_ms)},
        tasks,
        {key: lives[key] for key in tasks},
    )


def _there(one: ClientFact | DealFact, at_ms: int) -> bool:
    return one.deleted_ms is None or one.deleted_ms > at_ms


def _held(client: ClientFact, calendars: Mapping[int, WorkCalendar], at_ms: int) -> bool:
    day = day_of(at_ms, calendars.get(client.employee_id or 0, NOBODYS).person.zone)
    return (client.since is None or client.since <= day) and (client.until is None or client.until >= day)


def _is_open(deal: DealFact, at_ms: int) -> bool:
    closed_later = deal.closed_ms is not None and deal.closed_ms > at_ms
    return deal.created_ms <= at_ms and (deal.outcome == "open" or closed_later)


def _as_it_was(life: TaskLife, at_ms: int) -> TaskFact | None:
    """The task with deadline and owner of that instant; None where it was not open."""
    state = life.state_at(at_ms)
    if state is None or not state.open:
        return None
    return replace(life.task, closed_ms=None, deadline_ms=state.deadline_ms, employee_id=state.owner)
