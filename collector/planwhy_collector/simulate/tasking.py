"""Tasks of a simulated month: follow-ups of deals, tasks done in time, tasks laid out for a certain verdict. Pure.

In: a frame, deals, chance. Out: tasks, and the visits of task cards that the days must hold.
Never: a verdict; `verdicts` finds it from the time as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random

from planwhy_shared.times import HOUR_MS, day_bounds

from planwhy_collector.facts import TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.day import MINUTE, Visit
from planwhy_collector.simulate.dealing import Deal
from planwhy_collector.simulate.frame import Frame
from planwhy_collector.simulate.screens import Kind, task_card

RESERVED = 6
"""Clients that nobody talks to: overdue tasks belong to them, so that no contact counts as work on the task."""
_PLANNED, _ROUTINE = 700, 750
"""Tasks from these numbers on belong to no deal; a month has fewer deals, and fewer overdue tasks."""
TITLES = {
    "follow_up": ("Позвонить клиенту", "Отправить предложение", "Напомнить о встрече"),
    "documents": ("Подготовить акт сверки", "Продлить договор", "Выставить счёт"),
}
EFFORT_MINUTES = {"follow_up": 7.5, "documents": 12.0}
"""The median time that a task of a kind takes on its card."""
_EFFORT_SPREAD = 0.25
_ROUTINE_SHARE = 0.35
"""Documents done in time, by working day."""


Made = tuple[TaskFact, tuple[tuple[int, Visit], ...]]
"""A task with (number of the day, visit of its card)."""


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
    made = [*_follow_ups(rng, frame, deals, numbers), *_routine(rng, frame, clients, numbers)]
    for place, (verdict, day) in enumerate(_planned(frame)):
        task = _overdue(rng, frame, verdict, day, clients[-1 - place % RESERVED], numbers.id(_PLANNED + place))
        made.append((task, tuple(_work_on(rng, frame, verdict, day, task))))
    return Tasked(tuple(task for task, _ in made), tuple(visit for _, visits in made for visit in visits))


def _follow_ups(rng: Random, frame: Frame, deals: tuple[Deal, ...], numbers: Numbers) -> Iterator[Made]:
    for deal in deals:
        if deal.follow_up is not None:
            task = _follow_up(rng, frame, deal, numbers)
            yield task, () if deal.late else ((deal.follow_up[1], _effort(rng, frame, task, "sales")),)


def _routine(rng: Random, frame: Frame, clients: tuple[str, ...], numbers: Numbers) -> Iterator[Made]:
    """Documents that are done on the day they are asked for, or on the next morning, always in time."""
    plain = [n for n, day in enumerate(frame.days[:-1]) if day.mood == "plain"]
    for place, n in enumerate(sorted(rng.sample(plain, round(_ROUTINE_SHARE * len(plain))))):
        day, due, timed = frame.days[n], frame.days[n + 1], rng.random() < 0.4
        deadline = due.at(rng.uniform(3, 8)) if timed else _end_of(frame, due.day)
        task = TaskFact(
            numbers.id(_ROUTINE + place), frame.member.person.id, rng.choice(TITLES["documents"]),
            day.at(rng.uniform(0.1, 4)), deadline, not timed, due.at(rng.uniform(-0.5, 2)), "client",
            rng.choice(clients[-RESERVED:]), "documents",
        )  # fmt: skip
        yield task, ((n, _effort(rng, frame, task, "service")),)


def _work_on(rng: Random, frame: Frame, verdict: str, day: int, task: TaskFact) -> Iterator[tuple[int, Visit]]:
    """Far more than the usual effort on what is never closed; on some of the others a look of two or three minutes."""
    if verdict == "worked_not_closed":
        yield from ((n, _visit(rng, frame, task.id, "service", 18, 22)) for n in (day, day + 1))
    elif verdict == "had_capacity" and rng.random() < 0.4:
        yield day + 1, _visit(rng, frame, task.id, "service", 2, 3)


def _follow_up(rng: Random, frame: Frame, deal: Deal, numbers: Numbers) -> TaskFact:
    assert deal.follow_up is not None  # noqa: S101  the caller looked
    created_ms, day, closed_ms = deal.follow_up
    deadline = _end_of(frame, frame.days[day].day)
    return TaskFact(
        numbers.id(deal.number), frame.member.person.id, rng.choice(TITLES["follow_up"]), created_ms, deadline, True,
        closed_ms, "deal", numbers.id(deal.number), "follow_up",
    )  # fmt: skip


def _planned(frame: Frame) -> Iterator[tuple[str, int]]:
    """For each overdue task wanted: the verdict it is laid out for and the number of the day on which it begins."""
    before = _before_absence(frame)
    moods = {"no_capacity": "packed", "unclear": "vague"}
    for verdict, wanted in frame.cause.overdue.items():
        if verdict in moods:
            yield from ((verdict, n) for n, day in enumerate(frame.days) if day.mood == moods[verdict])
        elif verdict == "absent":
            yield from ((verdict, n) for n in before for _ in range(wanted))
        else:
            following = enumerate(zip(frame.days[:-4], frame.days[1:], strict=False))
            plain = [n for n, two in following if all(d.mood == "plain" for d in two) and n not in before]
            yield from ((verdict, plain[i * len(plain) // wanted]) for i in range(wanted if plain else 0))


def _before_absence(frame: Frame) -> tuple[int, ...]:
    """The number of the last day before the absence, if there is one."""
    if frame.absence is None:
        return ()
    before = [n for n, day in enumerate(frame.days) if day.day < frame.absence.first_day]
    return (before[-1],) if before else ()


def _overdue(rng: Random, frame: Frame, verdict: str, day: int, client: str, task_id: str) -> TaskFact:
    created, deadline, timed = _window(rng, frame, verdict, day)
    return TaskFact(
        task_id, frame.member.person.id, rng.choice(TITLES["documents"]), created, deadline, not timed,
        _closed(rng, frame, max(created, deadline)), "client", client, "documents",
    )  # fmt: skip


def _window(rng: Random, frame: Frame, verdict: str, day: int) -> tuple[int, int, bool]:
    """When an overdue task was made, when it was due, and whether that is an instant and not a day."""
    today, tomorrow = frame.days[day], frame.days[day + 1]
    if verdict == "absent" and frame.absence is not None:
        return today.at(8.6), _end_of(frame, frame.absence.first_day + timedelta(days=2)), False
    if verdict in ("no_capacity", "unclear"):
        timed = rng.random() < 0.4
        return today.at(0.01), today.at(rng.uniform(7, 9)) if timed else _end_of(frame, today.day), timed
    if verdict == "worked_not_closed":
        return today.at(rng.uniform(0.0, 0.1)), _end_of(frame, tomorrow.day), False
    return rng.choice(
        (
            (today.at(rng.uniform(0.2, 0.6)), _end_of(frame, tomorrow.day), False),
            (today.at(rng.uniform(3.7, 3.95)), today.at(rng.uniform(5.1, 5.6)), True),  # over the lunch break
            (today.at(rng.uniform(8.5, 8.9)), tomorrow.at(rng.uniform(0.5, 3)), True),  # over a night or a holiday
            (today.at(rng.uniform(9.5, 12)), _end_of(frame, tomorrow.day), False),  # made after hours
            (today.at(rng.uniform(1, 3)), _end_of(frame, today.day - timedelta(days=1)), False),  # overdue when made
        )
    )


def _closed(rng: Random, frame: Frame, since_ms: int) -> int | None:
    """One to four working days later; still open where that lies beyond the month."""
    closed = WorkCalendar(frame.member.person).after(since_ms, int(rng.uniform(9, 32) * HOUR_MS))
    return closed if closed < frame.days[-1].working[-1].end_ms else None


def _end_of(frame: Frame, day: date) -> int:
    return day_bounds(day, frame.member.person.zone).end_ms


def _effort(rng: Random, frame: Frame, task: TaskFact, kind: Kind) -> Visit:
    """The work that a task takes, around the median of its kind."""
    minutes = EFFORT_MINUTES[task.kind] * exp(rng.gauss(0, _EFFORT_SPREAD))
    return Visit(kind, task_card(frame.member.number, task.id), int(minutes * MINUTE))


def _visit(rng: Random, frame: Frame, task_id: str, kind: Kind, shortest: float, longest: float) -> Visit:
    return Visit(kind, task_card(frame.member.number, task_id), int(rng.uniform(shortest, longest) * MINUTE))
