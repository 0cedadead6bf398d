"""Measures a person over some days: query → pure. In: a person, days, the instant up to which facts count.

Out: what was measured. Safe to run twice: it settles days that need it and stores nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from planwhy_shared.times import Interval, day_bounds, day_of, days_between, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.db import Database
from planwhy_collector.explain.quantities import DayTimes, Sales, SalesFacts, contracts_of, deal_of, sales_of
from planwhy_collector.explain.worktime import WorkTime
from planwhy_collector.facts import AbsenceFact, DealFact, Person
from planwhy_collector.jobs.lives import tasks_held
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.plan.assume import History
from planwhy_collector.plan.care import care_hours
from planwhy_collector.plan.measured import NOTHING, Measured
from planwhy_collector.plan.period import months_before
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import crm

HISTORY_MONTHS = 3
NO_END_MS = 1 << 62
LOOK_BACK = timedelta(days=60)
"""Working time before the days measured that decides whether a task was overdue by more than the grace."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is measured: the plan's metric and currency, and the instant up to which facts count (ms)."""

    metric: str
    currency: str | None
    as_of_ms: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured of some days, and what was left out of the counts."""

    measured: Measured
    days: DayTimes
    sales: Sales
    care_hours: float


def measure(database: Database, person: Person, first: date, last: date, scope: Scope) -> Findings:
    """Measure the days from first to last, as far as they lie before as-of."""
    totals = settled_totals(database, person, first, last, scope.as_of_ms)
    with database.reading() as session:
        absences = crm.absences_of(session, person.id, first, last)
        expected, absent = _working_time(person, (first, last), absences, scope.as_of_ms)
        return _findings(session, person, (first, last), DayTimes(totals, expected, absent), scope)


def count_sales(session: Session, person: Person, first: date, last: date, scope: Scope) -> Sales:
    """Count contacts and contracts of the days from first to last; what happened at as-of still counts."""
    bounds = _until(person, first, last, scope)
    working = WorkTime(WorkCalendar(person).of_days(first - LOOK_BACK, last))
    return sales_of(_facts(session, person, bounds, scope.as_of_ms), scope.metric, scope.currency, working)


def metric_reached(session: Session, person: Person, first: date, last: date, scope: Scope) -> float:
    """The plan's metric of the days from first to last: contracts, or their revenue. What `count_sales` gives of it."""
    won = crm.deals_won(session, person.id, _until(person, first, last, scope), scope.as_of_ms)
    made = contracts_of(_while_employed(person, won), scope.metric, scope.currency)
    return sum(float(deal.amount or 0) for deal in made) if scope.metric == "revenue" else len(made)


def history(database: Database, person: Person, before: date, scope: Scope) -> History:
    """Measure the three calendar months before a day's month; of time only from the first recorded day on.

    For a day that lies further ahead than the next month they end with the month of as-of, of which they hold a part.
    """
    next_month = day_of(scope.as_of_ms, person.zone).replace(day=1) + timedelta(days=31)
    months = months_before(min(before, next_month), HISTORY_MONTHS)
    first, last = months[0].first, months[-1].last
    sold = measure(database, person, first, last, scope)
    left_out = sold.sales.other_currency
    recorded = sold.days.recorded_from
    if recorded is None:
        return History(NOTHING, sold.measured, other_currency=left_out)
    with database.reading() as session:
        days = recorded, last
        timed = sold if recorded == first else _findings(session, person, days, sold.days.since(recorded), scope)
    return History(timed.measured, sold.measured, timed.care_hours, left_out)


def _findings(session: Session, person: Person, days: tuple[date, date], times: DayTimes, scope: Scope) -> Findings:
    sales = count_sales(session, person, *days, scope)
    clients = crm.clients_in_care(session, person.id, *days)
    cared = care_hours(clients, times.expected_ms, times.absent_ms)
    return Findings(Measured(times.split, sales.counts), times, sales, cared)


def _working_time(
    person: Person, days: tuple[date, date], absences: Iterable[AbsenceFact], as_of_ms: int
) -> tuple[dict[date, int], dict[date, int]]:
    """Working ms of each day up to as-of, and those of them under approved absence."""
    calendar = WorkCalendar(person)
    bounds = {day: days_bounds(day, day, person.zone).cut(Interval(0, as_of_ms)) for day in days_between(*days)}
    listed = tuple(absences)
    expected = {day: sum(i.cut(part).ms for i in calendar.of_day(day)) for day, part in bounds.items()}
    absent = {day: sum(i.ms for i in calendar.absent(listed, part)) for day, part in bounds.items()} if listed else {}
    return expected, absent


def _facts(session: Session, person: Person, bounds: Interval, as_of_ms: int) -> SalesFacts:
    """The facts of the bounds; what lies outside of the person's employment is left out and counted."""
    employed = _employed(person)
    contacts = [c for c in crm.contacts_of(session, person.id, bounds) if c.at_ms >= bounds.start_ms]
    won = crm.deals_won(session, person.id, bounds, as_of_ms)
    own = [c for c in contacts if employed.start_ms <= c.at_ms < employed.end_ms]
    own_won = _while_employed(person, won)
    named = crm.tasks_by_id(session, {c.task_id for c in own if c.task_id})
    return SalesFacts(
        contacts=own,
        won=own_won,
        tasks=tasks_held(session, person.id, bounds),
        deals_by_id=crm.deals_by_id(session, {deal for c in own if (deal := deal_of(c, named))}),
        tasks_by_id=named,
        not_employed=len(contacts) - len(own) + len(won) - len(own_won),
    )


def _until(person: Person, first: date, last: date, scope: Scope) -> Interval:
    """The days from first to last as far as they count; what happened at as-of still does."""
    return days_bounds(first, last, person.zone).cut(Interval(0, scope.as_of_ms + 1))


def _while_employed(person: Person, won: Iterable[DealFact]) -> list[DealFact]:
    employed = _employed(person)
    return [deal for deal in won if employed.start_ms <= (deal.closed_ms or 0) < employed.end_ms]


def _employed(person: Person) -> Interval:
    """From the day of hiring to that of leaving, as far as they are known."""
    zone = person.zone
    first = day_bounds(person.hired_on, zone).start_ms if person.hired_on else 0
    return Interval(first, day_bounds(person.left_on, zone).end_ms if person.left_on else NO_END_MS)
