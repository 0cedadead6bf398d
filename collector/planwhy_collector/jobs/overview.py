"""A person's line in tables of a team: query → pure. In: a person, a period. Out: plan and fact, overdue, coverage.

This is what a supervisor sees without a case or a grant. Never: how much of the time was work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planwhy_shared.times import HOUR_MS, Interval, day_bounds, day_of, days_between, days_bounds, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.db import Database
from planwhy_collector.errors import NoPlan
from planwhy_collector.explain.compose import revised_out
from planwhy_collector.explain.overruns import overdue_within
from planwhy_collector.explain.quantities import time_split
from planwhy_collector.facts import SALES_KINDS, DealFact, Person, PlanChange
from planwhy_collector.jobs.lives import tasks_held
from planwhy_collector.jobs.next_steps import deals_without_step
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.target import plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import cases, crm, plans, rollups
from planwhy_collector.report.weekly import OverdueRow, PersonRow


@dataclass(frozen=True, slots=True)
class PlanToDate:
    """Plan and fact, to date; all None without a plan, `note` says why one could not be used.

    `changes` are those of the targets of the plans that it is made of.
    """

    metric: str | None = None
    target: float | None = None
    actual: float | None = None
    currency: str | None = None
    note: str | None = None
    changes: tuple[PlanChange, ...] = ()


def split_of(database: Database, person: Person, week: Period, now_ms: int) -> TimeSplit:
    """The working time of one person in a period, up to now; days are settled first."""
    calendar = WorkCalendar(person)
    today = day_of(now_ms, person.zone)
    days = [day for day in days_between(week.first, week.last) if day <= today]
    expected = {day: _ms_until(calendar, day, now_ms) for day in days}
    with database.reading() as session:
        absences = crm.absences_of(session, person.id, week.first, week.last)
    absent = {day: _ms(calendar.absent(absences, day_bounds(day, person.zone))) for day in days}
    return time_split(settled_totals(database, person, week.first, week.last, now_ms), expected, absent)


def person_row(
    session: Session, person: Person, split: TimeSplit, week: Period, now_ms: int, whole: bool = False
) -> PersonRow:
    """One person's line: plan and fact to date, overdue tasks, coverage, open case.

    The plan is the one running at the period's end; with `whole` it is that of the period itself.
    """
    until_ms = min(now_ms, days_bounds(week.first, week.last, person.zone).end_ms)
    fact = plan_of(session, person, week, until_ms) if whole else _running(session, person, until_ms)
    open_case = next((c for c in cases.cases_of(session, [person.id]) if not c.concluded), None)
    return PersonRow(
        person.key, person.name, fact.metric, fact.target, fact.actual, fact.currency, fact.note,
        overdue_of(session, person, week, until_ms),
        split.coverage if split.expected > split.absent else None,
        str(open_case.id) if open_case else None,
        deals_without_step(session, person, until_ms - 1),
        revised_out(rollups.revised_days(session, person.id, week.first, week.last), person.zone),
    )  # fmt: skip


def plan_of(session: Session, person: Person, period: Period, until_ms: int, metric: str | None = None) -> PlanToDate:
    """Plan and fact of a period up to an instant; empty without a plan."""
    found = plans.plans_touching(session, person.id, period.first, period.last)
    if not found:
        return PlanToDate()
    calendar = WorkCalendar(person)
    try:
        parts = plan_parts(found, period, calendar, until_ms, metric)
        target = target_of(parts, period, calendar)
    except NoPlan as error:
        return PlanToDate(note=error.detail)
    bounds = Interval(day_bounds(period.first, person.zone).start_ms, until_ms)
    won = [deal for deal in crm.deals_won(session, person.id, bounds, until_ms) if deal.kind in SALES_KINDS]
    actual = _actual(won, target.metric, target.currency)
    changes = tuple(c for part in parts for c in plans.changes_of(session, plans.plan_key(part.plan)))
    return PlanToDate(target.metric, target.value, actual, target.currency, changes=changes)


def _running(session: Session, person: Person, until_ms: int) -> PlanToDate:
    """The plan that runs at the instant. The longest one: a month says more than a week."""
    day = day_of(until_ms - 1, person.zone)
    running = plans.plans_touching(session, person.id, day, day)
    if not running:
        return PlanToDate()
    longest = max(running, key=lambda plan: plan.last - plan.first)
    return plan_of(session, person, Period(longest.period, longest.first, longest.last), until_ms, longest.metric)


def _actual(won: Sequence[DealFact], metric: str, currency: str | None) -> float:
    if metric == "contracts":
        return float(len(won))
    return float(sum(deal.amount or 0 for deal in won if deal.currency == currency))


def overdue_of(session: Session, person: Person, week: Period, until_ms: int) -> tuple[OverdueRow, ...]:
    """Tasks that were overdue in the person's hands during the period, the longest first.

    Nothing of the person's own time is looked at.
    """
    bounds = Interval(day_bounds(week.first, person.zone).start_ms, until_ms)
    calendar = WorkCalendar(person)
    rows = [
        OverdueRow(
            one.task.id, one.task.title, rfc3339(one.judged.deadline_ms, person.zone),
            one.working_ms(calendar) / HOUR_MS,
        )
        for one in overdue_within(tasks_held(session, person.id, bounds), bounds, until_ms)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.overdue_hours, row.task_id)))


def _ms_until(calendar: WorkCalendar, day: date, now_ms: int) -> int:
    return sum(max(0, min(part.end_ms, now_ms) - part.start_ms) for part in calendar.of_day(day))


def _ms(parts: Sequence[Interval]) -> int:
    return sum(part.ms for part in parts)
