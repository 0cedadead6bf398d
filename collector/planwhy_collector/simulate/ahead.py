"""What a simulated person still means to do as the days end: next steps of open deals and of clients. Pure.

In: a member, the months lived, chance. Out: open tasks, and how some of their deadlines were moved. Never: a deadline
that has run out before the days end, so that no month's truth and no verdict depends on them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from random import Random

from planwhy_shared.times import day_bounds

from planwhy_collector.facts import TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.frame import Workday
from planwhy_collector.simulate.month import Month, client_ids
from planwhy_collector.simulate.roster import Member
from planwhy_collector.simulate.tasking import TITLES, Numbers

_FIRST_ID = 90_000
"""Ids from here on belong to no month: the longest order has fewer than 90 months."""
_WITH_STEP, _OLD_WITH_STEP = 0.85, 0.97
"""Shares of clients and of the last month's deals that have a next step, and of deals that are older."""
_UNDATED, _DRIFTING = 0.03, 0.03
"""Shares of steps that have no deadline, and whose deadline was moved again and again."""
_HORIZON = 10
"""Working days within which a step is due."""
_RECENT = 5
"""Working days before the end on which the steps of clients were made; a deal's step follows its last talk."""


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline, by the day, that was moved at an instant."""

    task_id: str
    at_ms: int
    old: date
    new: date


@dataclass(frozen=True, slots=True)
class Ahead:
    """Open tasks, and the moves of some of their deadlines in order."""

    tasks: tuple[TaskFact, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Covered:
    """A client or deal that has a next step, and when its last talk ended, if there was one."""

    entity_type: str
    entity_id: str
    talked_ms: int | None = None


def ahead(rng: Random, member: Member, months: Sequence[Month], last: date) -> Ahead:
    """Plan next steps at the end of `last` for most of what is open."""
    days = [day for month in months for day in month.frame.days]
    if not days:
        return Ahead()
    numbers = Numbers((member.number + 1) * 100_000 + _FIRST_ID)
    due = list(_working_days(member, last))
    covered = enumerate(_covered(rng, member, months))
    made = [_step(rng, member, days, due, what, numbers.id(n)) for n, what in covered]
    return Ahead(tuple(task for task, _ in made), tuple(move for _, moves in made for move in moves))


def _covered(rng: Random, member: Member, months: Sequence[Month]) -> Iterator[Covered]:
    """What has a next step."""
    for client in client_ids(member):
        if rng.random() < _WITH_STEP:
            yield Covered("client", client)
    for month in months:
        share = _WITH_STEP if month is months[-1] else _OLD_WITH_STEP
        ended = {c.deal_id: c.at_ms + c.duration_s * 1000 for c in sorted(month.contacts, key=lambda c: c.at_ms)}
        for deal in month.deals:
            if deal.outcome == "open" and rng.random() < share:
                yield Covered("deal", deal.id, ended.get(deal.id))


def _working_days(member: Member, last: date) -> Iterator[date]:
    """The next working days after today, which follows the last simulated day."""
    calendar = WorkCalendar(member.person)
    following = (last + timedelta(days=n) for n in count(2))
    return islice((day for day in following if calendar.of_day(day)), _HORIZON)


def _step(
    rng: Random, member: Member, days: Sequence[Workday], due: Sequence[date], what: Covered, task_id: str
) -> tuple[TaskFact, tuple[Move, ...]]:
    """One task made after the last talk: due on a day ahead, without a deadline, or moved again and again."""
    fate, until = rng.random(), rng.choice(due)
    drifts = fate < _DRIFTING and len(days) > 2 * _RECENT
    made = (days[-2 * _RECENT] if drifts else rng.choice(days[-_RECENT:])).at(rng.uniform(0.1, 6))
    if what.talked_ms and not drifts:
        made = what.talked_ms + 10 * MINUTE
    deadline = None if fate > 1 - _UNDATED else day_bounds(until, member.person.zone).end_ms
    task = TaskFact(
        task_id, member.person.id, rng.choice(TITLES["follow_up"]), made, deadline, deadline is not None, None,
        what.entity_type, what.entity_id, "follow_up",
    )  # fmt: skip
    return task, tuple(_moves(rng, task_id, days, until)) if drifts else ()


def _moves(rng: Random, task_id: str, days: Sequence[Workday], until: date) -> Iterator[Move]:
    """Three or four moves, each on the very day that the task was due, the last one to a day ahead."""
    due = [days[n] for n in range(-2 * _RECENT + 1, -1, 2)][-rng.choice((3, 4)) :]
    for day, new in zip(due, [*(later.day for later in due[1:]), until], strict=True):
        yield Move(task_id, day.at(rng.uniform(3, 8)), day.day, new)
