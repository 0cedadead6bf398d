"""Tasks of a simulated month: follow-ups of deals, and tasks that deserve a certain verdict. Pure.

In: a frame, deals, chance. Out: tasks, and the visits of task cards that the days must hold.
Never: a verdict; `truth` finds it from the time as it really was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from planwhy_shared.times import day_bounds

from planwhy_collector.facts import TaskFact
from planwhy_collector.simulate.day import MINUTE, Visit
from planwhy_collector.simulate.dealing import Deal
from planwhy_collector.simulate.frame import Frame
from planwhy_collector.simulate.screens import Kind, task_card

RESERVED = 6
"""Clients that nobody talks to: overdue tasks belong to them, so that no contact counts as work on the task."""
_PLANNED = 700
"""Tasks from this number on belong to no deal; a month has fewer deals."""
_TITLES = {
    "follow_up": ("Позвонить клиенту", "Отправить предложение", "Напомнить о встрече"),
    "documents": ("Подготовить акт сверки", "Продлить договор", "Выставить счёт"),
}


@dataclass(frozen=True, slots=True)
class Tasked:
    """Tasks, and (number of the day, visit of a card)."""

    tasks: tuple[TaskFact, ...]
    visits: tuple[tuple[int, Visit], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Makes the month's ids: digits, as CRMs have them, unique in the whole simulation."""

    base: int

    def id(self, number: int) -> str:
        """The id of the month's thing of that number."""
        return str(self.base + number)


def tasked(rng: Random, frame: Frame, deals: tuple[Deal, ...], clients: tuple[str, ...], numbers: Numbers) -> Tasked:
    """Make all tasks of a month."""
    tasks: list[TaskFact] = []
    visits: list[tuple[int, Visit]] = []
    for deal in deals:
        if deal.follow_up is not None:
            task = _follow_up(rng, frame, deal, numbers)
            tasks.append(task)
            if not deal.late:
                visits.append((deal.follow_up[1], _visit(rng, frame, task.id, "sales", 5, 10)))
    for place, (verdict, day) in enumerate(_planned(frame)):
        task = _overdue(rng, frame, verdict, day, clients[-1 - place % RESERVED], numbers.id(_PLANNED + place))
        tasks.append(task)
        if verdict == "worked_not_closed":
            visits += [(d, _visit(rng, frame, task.id, "service", 18, 22)) for d in (day, day + 1)]
    return Tasked(tuple(tasks), tuple(visits))


def _follow_up(rng: Random, frame: Frame, deal: Deal, numbers: Numbers) -> TaskFact:
    assert deal.follow_up is not None  # noqa: S101  the caller looked
    created_ms, day, closed_ms = deal.follow_up
    deadline = day_bounds(frame.days[day].day, frame.member.person.zone).end_ms
    return TaskFact(
        numbers.id(deal.number), frame.member.person.id, rng.choice(_TITLES["follow_up"]), created_ms, deadline, True,
        closed_ms, "deal", numbers.id(deal.number), "follow_up",
    )  # fmt: skip


def _planned(frame: Frame) -> Iterator[tuple[str, int]]:
    """For each overdue task wanted: the verdict it deserves and the number of the day on which it begins."""
    for verdict, wanted in frame.cause.overdue.items():
        if verdict == "no_capacity":
            yield from ((verdict, n) for n, day in enumerate(frame.days) if day.packed)
        elif verdict == "absent":
            yield from ((verdict, n) for n in _before_absence(frame) for _ in range(wanted))
        else:
            plain = [n for n, day in enumerate(frame.days[:-4]) if not (day.packed or frame.days[n + 1].packed)]
            plain = [n for n in plain if n not in _before_absence(frame)]
            yield from ((verdict, plain[i * len(plain) // wanted]) for i in range(wanted if plain else 0))


def _before_absence(frame: Frame) -> tuple[int, ...]:
    """The number of the last day before the absence, if there is one."""
    if frame.absence is None:
        return ()
    before = [n for n, day in enumerate(frame.days) if day.day < frame.absence.first_day]
    return (before[-1],) if before else ()


def _overdue(rng: Random, frame: Frame, verdict: str, day: int, client: str, task_id: str) -> TaskFact:
    created = frame.days[day].at(0.01 if verdict == "no_capacity" else rng.uniform(0.2, 0.6))
    due = frame.days[day if verdict == "no_capacity" else day + 1].day
    if verdict == "absent" and frame.absence is not None:
        created, due = frame.days[day].at(8.6), frame.absence.first_day + timedelta(days=2)
    return TaskFact(
        task_id, frame.member.person.id, rng.choice(_TITLES["documents"]), created,
        day_bounds(due, frame.member.person.zone).end_ms, True, _closed(rng, frame, day), "client", client, "documents",
    )  # fmt: skip


def _closed(rng: Random, frame: Frame, day: int) -> int | None:
    """Three working days later; still open where that lies beyond the month."""
    return frame.days[day + 3].at(rng.uniform(0.5, 3)) if day + 3 < len(frame.days) else None


def _visit(rng: Random, frame: Frame, task_id: str, kind: Kind, shortest: float, longest: float) -> Visit:
    return Visit(kind, task_card(frame.member.number, task_id), int(rng.uniform(shortest, longest) * MINUTE))
