"""The weekly report of a team: query → pure. In: a week, a team. Out: WeeklyReport. Never: one person's work time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planwhy_shared.times import HOUR_MS, Interval, day_bounds, day_of, days_between, days_bounds, from_ms, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NoPlan, NotFound
from planwhy_collector.explain.quantities import time_split
from planwhy_collector.facts import SALES_KINDS, DealFact, Person, TaskFact
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.plan.target import plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import cases, crm, plans
from planwhy_collector.queries.people import people, teams
from planwhy_collector.report.weekly import OverdueRow, PersonRow, WeeklyReport, team_coverage, team_hours


@dataclass(frozen=True, slots=True)
class _Fact:
    """Plan and fact of the running plan, to date."""

    metric: str | None = None
    target: float | None = None
    actual: float | None = None
    currency: str | None = None
    note: str | None = None


def last_week(now_ms: int) -> Period:
    """The last week that has ended, in UTC."""
    day = from_ms(now_ms).date() - timedelta(days=7)
    year, week, _ = day.isocalendar()
    return parse_period(f"{year}-W{week:02}")


def weekly_report(
    database: Database,
    week: Period,
    team: str | None,
    now_ms: int,
    only: Sequence[Person] | None = None,
) -> WeeklyReport:
    """Make a team's report of a week; of everyone without a team. `only` limits it to these people.

    Raises InvalidInput for a period that is no week, NotFound for a team that there is not.
    """
    if (week.last - week.first).days != 6:
        raise InvalidInput(f"week {week.text!r}: expected such as 2026-W47")
    with database.reading() as session:
        if team is not None and team not in teams(session):
            raise NotFound(f"there is no team {team!r}")
        members = only if only is not None else people(session, team=team)
    members = sorted(members, key=lambda person: (person.name, person.key))
    splits = [_split(database, person, week, now_ms) for person in members]
    with database.reading() as session:
        rows = [_row(session, p, s, week, now_ms) for p, s in zip(members, splits, strict=True)]
    return WeeklyReport(
        team or "", week.text, week.first.isoformat(), week.last.isoformat(), rfc3339(now_ms // 1000 * 1000),
        tuple(rows), team_hours(splits), team_coverage(splits),
    )  # fmt: skip


def _split(database: Database, person: Person, week: Period, now_ms: int) -> TimeSplit:
    """The week's working time of one person, up to now."""
    calendar = WorkCalendar(person)
    today = day_of(now_ms, person.zone)
    days = [day for day in days_between(week.first, week.last) if day <= today]
    expected = {day: _ms_until(calendar, day, now_ms) for day in days}
    with database.reading() as session:
        absences = crm.absences_of(session, person.id, week.first, week.last)
    absent = {day: _ms(calendar.absent(absences, day_bounds(day, person.zone))) for day in days}
    return time_split(settled_totals(database, person, week.first, week.last, now_ms), expected, absent)


def _row(session: Session, person: Person, split: TimeSplit, week: Period, now_ms: int) -> PersonRow:
    until_ms = min(now_ms, days_bounds(week.first, week.last, person.zone).end_ms)
    fact = _fact(session, person, day_of(until_ms - 1, person.zone), until_ms)
    open_case = next((c for c in cases.cases_of(session, [person.id]) if not c.concluded), None)
    return PersonRow(
        person.key, person.name, fact.metric, fact.target, fact.actual, fact.currency, fact.note,
        _overdue(session, person, week, until_ms),
        split.coverage if split.expected > split.absent else None,
        str(open_case.id) if open_case else None,
        _without_step(session, person, until_ms),
    )  # fmt: skip


def _fact(session: Session, person: Person, day: date, until_ms: int) -> _Fact:
    """The plan that runs on the day, up to the instant. The longest one: a month says more than a week."""
    running = plans.plans_touching(session, person.id, day, day)
    if not running:
        return _Fact()
    longest = max(running, key=lambda plan: plan.last - plan.first)
    period = Period(longest.period, longest.first, longest.last)
    calendar = WorkCalendar(person)
    try:
        parts = plan_parts(running, period, calendar, until_ms, longest.metric)
        target = target_of(parts, period, calendar)
    except NoPlan as error:
        return _Fact(note=error.detail)
    bounds = Interval(day_bounds(period.first, person.zone).start_ms, until_ms)
    won = [deal for deal in crm.deals_won(session, person.id, bounds) if deal.kind in SALES_KINDS]
    return _Fact(target.metric, target.value, _actual(won, target.metric, target.currency), target.currency)


def _actual(won: Sequence[DealFact], metric: str, currency: str | None) -> float:
    if metric == "contracts":
        return float(len(won))
    return float(sum(deal.amount or 0 for deal in won if deal.currency == currency))


def _overdue(session: Session, person: Person, week: Period, until_ms: int) -> tuple[OverdueRow, ...]:
    """Tasks that were overdue during the week, the longest first."""
    bounds = Interval(day_bounds(week.first, person.zone).start_ms, until_ms)
    calendar = WorkCalendar(person)
    rows = [
        OverdueRow(
            task.id, task.title, rfc3339(task.deadline_ms, person.zone), _late(calendar, task, until_ms) / HOUR_MS
        )
        for task in crm.tasks_of(session, person.id, bounds)
        if task.deadline_ms is not None and task.deadline_ms < until_ms and _late(calendar, task, until_ms) > 0
    ]
    return tuple(sorted(rows, key=lambda row: (-row.overdue_hours, row.task_id)))


def _late(calendar: WorkCalendar, task: TaskFact, until_ms: int) -> int:
    end = until_ms if task.closed_ms is None else min(task.closed_ms, until_ms)
    return calendar.ms_between(task.deadline_ms or end, end)


def _without_step(session: Session, person: Person, until_ms: int) -> int:
    """Open deals on which the person has no open task."""
    instant = Interval(until_ms - 1, until_ms)
    with_task = {t.entity_id for t in crm.tasks_of(session, person.id, instant) if t.entity_type == "deal"}
    deals = crm.deals_of(session, person.id)
    return sum(d.outcome == "open" and d.created_ms < until_ms and d.id not in with_task for d in deals)


def _ms_until(calendar: WorkCalendar, day: date, now_ms: int) -> int:
    return sum(max(0, min(part.end_ms, now_ms) - part.start_ms) for part in calendar.of_day(day))


def _ms(parts: Sequence[Interval]) -> int:
    return sum(part.ms for part in parts)
