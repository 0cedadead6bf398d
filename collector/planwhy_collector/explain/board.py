"""What stood open at an instant: clients in care, deals, tasks, as they were then.

In: facts that the CRM holds today and what is known of their past. Out: what was open at the instant, each task with
the deadline and the owner that it had. Never: a judgement of it; that is `next_steps`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import day_of

from planwhy_collector.facts import ClientFact, DealFact, EntityRef, Person, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar

NOBODYS = WorkCalendar(Person(0, "", "", None, "", ZoneInfo("UTC"), parse_hours(DEFAULT), ""))
"""The calendar of what belongs to nobody: the usual hours in UTC."""


@dataclass(frozen=True, slots=True)
class TaskTurn:
    """A change in a task's history: `field` is deadline, owner, closed, reopened or deleted; None stands for "none"."""

    task_id: str
    at_ms: int
    field: str
    old_ms: int | None = None
    new_ms: int | None = None
    old_owner: int | None = None
    new_owner: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """Facts as of today, in any order, that reach back to the earliest instant that is asked about.

    `contacts`: the last contact with a deal or client, `ended`: when the last task on it ended, `deleted`: when it was
    deleted; ms.
    """

    clients: tuple[ClientFact, ...] = ()
    deals: tuple[DealFact, ...] = ()
    tasks: tuple[TaskFact, ...] = ()
    turns: tuple[TaskTurn, ...] = ()
    contacts: Mapping[EntityRef, int] = field(default_factory=dict)
    ended: Mapping[EntityRef, int] = field(default_factory=dict)
    deleted: Mapping[EntityRef, int] = field(default_factory=dict)

    def lives(self, ref: EntityRef, at_ms: int) -> bool:
        """Whether something was not deleted yet."""
        return self.deleted.get(ref, at_ms + 1) > at_ms


@dataclass(frozen=True, slots=True)
class Standing:
    """What was in care and open at an instant, by id; `turns` holds each task's history up to then, in order."""

    at_ms: int
    clients: Mapping[str, ClientFact]
    deals: Mapping[str, DealFact]
    tasks: Mapping[str, TaskFact]
    turns: Mapping[str, tuple[TaskTurn, ...]]


def standing(board: Board, calendars: Mapping[int, WorkCalendar], at_ms: int) -> Standing:
    """Say what stood open at an instant; a client's last day in care ends in the zone of whose client it is."""
    turns = _by_task(board.turns)
    tasks = (_as_it_was(task, turns.get(task.id, ()), at_ms) for task in board.tasks)
    clients = board.clients
    return Standing(
        at_ms,
        {c.id: c for c in clients if _held(c, calendars, at_ms) and board.lives(EntityRef("client", c.id), at_ms)},
        {d.id: d for d in board.deals if _is_open(d, at_ms) and board.lives(EntityRef("deal", d.id), at_ms)},
        {t.id: t for t in tasks if t is not None and board.lives(EntityRef("task", t.id), at_ms)},
        {task: past for task, all_ in turns.items() if (past := tuple(t for t in all_ if t.at_ms <= at_ms))},
    )


def _held(client: ClientFact, calendars: Mapping[int, WorkCalendar], at_ms: int) -> bool:
    day = day_of(at_ms, calendars.get(client.employee_id or 0, NOBODYS).person.zone)
    return (client.since is None or client.since <= day) and (client.until is None or client.until >= day)


def _is_open(deal: DealFact, at_ms: int) -> bool:
    closed_later = deal.closed_ms is not None and deal.closed_ms > at_ms
    return deal.created_ms <= at_ms and (deal.outcome == "open" or closed_later)


def _as_it_was(task: TaskFact, turns: Iterable[TaskTurn], at_ms: int) -> TaskFact | None:
    """The task with deadline and owner of that instant, taken back from what changed later; None where not open."""
    next_turn: dict[str, TaskTurn] = {}
    for turn in turns:
        if turn.at_ms > at_ms:
            next_turn.setdefault("closing" if turn.field in ("closed", "reopened") else turn.field, turn)
    closing, deadline, owner = (next_turn.get(name) for name in ("closing", "deadline", "owner"))
    is_open = closing.field == "closed" if closing else task.closed_ms is None or task.closed_ms > at_ms
    if task.created_ms > at_ms or not is_open:
        return None
    return replace(
        task,
        closed_ms=None,
        deadline_ms=deadline.old_ms if deadline else task.deadline_ms,
        employee_id=owner.old_owner if owner else task.employee_id,
    )


def _by_task(turns: Iterable[TaskTurn]) -> dict[str, tuple[TaskTurn, ...]]:
    found: defaultdict[str, list[TaskTurn]] = defaultdict(list)
    for turn in sorted(turns, key=lambda one: (one.at_ms, one.field)):
        found[turn.task_id].append(turn)
    return {task: tuple(listed) for task, listed in found.items()}
