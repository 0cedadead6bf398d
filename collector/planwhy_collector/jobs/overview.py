"""People's lines in tables of a team: query → pure. In: people, a period. Out: plan and fact, overdue, coverage.

This is what a supervisor sees without a case or a grant. Never: how much of the time was work.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from planwhy_shared.times import HOUR_MS, Interval, day_bounds, day_of, days_between, days_bounds, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.db import Database
from planwhy_collector.errors import NoPlan
from planwhy_collector.explain.compose import revised_out
from planwhy_collector.explain.overruns import overdue_within
from planwhy_collector.explain.quantities import time_split
from planwhy_collector.explain.task_life import Held
from planwhy_collector.facts import SALES_KINDS, AbsenceFact, DealFact, Person, PlanChange, PlanFact
from planwhy_collector.jobs.lives import tasks_held_by
from planwhy_collector.jobs.next_steps import deals_without_step
from planwhy_collector.jobs.settle import settled_totals, settled_totals_of
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.target import plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import cases, crm, plans, rollups
from planwhy_collector.report.weekly import OverdueRow, PersonRow
from planwhy_collector.rollup.piece import Total


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose plan is asked for: of which period and metric, up to which instant (ms)."""

    person: Person
    period: Period
    until_ms: int
    metric: str | None = None


def split_of(database: Database, person: Person, week: Period, now_ms: int) -> TimeSplit:
    """The working time of one person in a period, up to now; days are settled first."""
    totals = settled_totals(database, person, week.first, week.last, now_ms)
    with database.reading() as session:
        absences = crm.absences_of(session, person.id, week.first, week.last)
    return _split(person, week, totals, absences, now_ms)


def splits_of(database: Database, everyone: Sequence[Person], week: Period, now_ms: int) -> list[TimeSplit]:
    """The working time of several people in a period, up to now; days that ask for it are settled first."""
    totals = settled_totals_of(database, everyone, week.first, week.last, now_ms)
    with database.reading() as session:
        absences = crm.absences_of_people(session, totals, week.first, week.last)
    return [_split(one, week, totals[one.id], absences.get(one.id, ()), now_ms) for one in everyone]


def person_row(
    session: Session, person: Person, split: TimeSplit, week: Period, now_ms: int, whole: bool = False
) -> PersonRow:
    """One person's line, see `person_rows`."""
    return person_rows(session, [person], [split], week, now_ms, whole)[0]


def person_rows(
    session: Session,
    everyone: Sequence[Person],
    splits: Sequence[TimeSplit],
    week: Period,
    now_ms: int,
    whole: bool = False,
) -> list[PersonRow]:
    """A line for each person: plan and fact to date, overdue tasks, coverage, open case.

    The plan is the one running at the period's end; with `whole` it is that of the period itself. A fixed number of
    queries, however many people.
    """
    until = {one.id: min(now_ms, days_bounds(week.first, week.last, one.zone).end_ms) for one in everyone}
    wanted = [Wanted(one, week, until[one.id]) for one in everyone] if whole else _running(session, everyone, until)
    facts, overdue = plans_to_date(session, wanted), _overdue_of_people(session, everyone, week, until)
    newest_first = [case for case in cases.cases_of(session, until) if not case.concluded]
    opened = {case.employee_id: str(case.id) for case in reversed(newest_first)}
    without_step = _without_step(session, everyone, until)
    revised = rollups.revised_days(session, until, week.first, week.last)
    rows = [
        _row(one, facts.get(one.id, PlanToDate()), overdue[one.id], split, opened.get(one.id), without_step[one.id])
        for one, split in zip(everyone, splits, strict=True)
    ]
    return [
        msgspec.structs.replace(row, revised=revised_out(revised.get(one.id, ()), one.zone))
        for one, row in zip(everyone, rows, strict=True)
    ]


def plan_of(session: Session, person: Person, period: Period, until_ms: int, metric: str | None = None) -> PlanToDate:
    """Plan and fact of a period up to an instant; empty without a plan."""
    return plans_to_date(session, [Wanted(person, period, until_ms, metric)]).get(person.id, PlanToDate())


def plans_to_date(session: Session, wanted: Sequence[Wanted]) -> dict[int, PlanToDate]:
    """Plan and fact of several people, by employee; people without a plan are left out."""
    if not wanted:
        return {}
    ids, periods = [one.person.id for one in wanted], [one.period for one in wanted]
    found = plans.plans_by_person(session, ids, min(p.first for p in periods), max(p.last for p in periods))
    changes = plans.changes_by_plan(session, found)
    won: defaultdict[int, list[DealFact]] = defaultdict(list)
    bounds = {one.person.id: _since_first_day(one) for one in wanted if one.person.id in found}
    for deal in crm.deals_won_by(session, bounds):
        won[deal.employee_id or 0].append(deal)
    told: dict[int, PlanToDate] = {}
    for one in wanted:
        own = _touching(found.get(one.person.id, ()), one.period.first, one.period.last)
        if own:
            told[one.person.id] = _to_date(one, own, won[one.person.id], changes)
    return told


def _to_date(
    one: Wanted,
    own: Sequence[PlanFact],
    deals: Iterable[DealFact],
    changes: Mapping[plans.PlanKey, tuple[PlanChange, ...]],
) -> PlanToDate:
    calendar = WorkCalendar(one.person)
    try:
        parts = plan_parts(own, one.period, calendar, one.until_ms, one.metric)
        target = target_of(parts, one.period, calendar)
    except NoPlan as error:
        return PlanToDate(note=error.detail)
    there = (deal for deal in deals if deal.deleted_ms is None or deal.deleted_ms > one.until_ms)
    actual = _actual([deal for deal in there if deal.kind in SALES_KINDS], target.metric, target.currency)
    changed = tuple(c for part in parts for c in changes.get(plans.plan_key(part.plan), ()))
    return PlanToDate(target.metric, target.value, actual, target.currency, changes=changed)


def _running(session: Session, everyone: Sequence[Person], until: Mapping[int, int]) -> list[Wanted]:
    """The plans that run at each person's instant. The longest one: a month says more than a week."""
    days = {one.id: day_of(until[one.id] - 1, one.zone) for one in everyone}
    found = plans.plans_by_person(session, days, min(days.values()), max(days.values())) if days else {}
    wanted = []
    for one in everyone:
        if running := _touching(found.get(one.id, ()), days[one.id], days[one.id]):
            longest = max(running, key=lambda plan: plan.last - plan.first)
            period = Period(longest.period, longest.first, longest.last)
            wanted.append(Wanted(one, period, until[one.id], longest.metric))
    return wanted


def _touching(listed: Iterable[PlanFact], first: date, last: date) -> list[PlanFact]:
    return [plan for plan in listed if plan.first <= last and plan.last >= first]


def _since_first_day(one: Wanted) -> Interval:
    return Interval(day_bounds(one.period.first, one.person.zone).start_ms, one.until_ms)


def _actual(won: Sequence[DealFact], metric: str, currency: str | None) -> float:
    if metric == "contracts":
        return float(len(won))
    return float(sum(deal.amount or 0 for deal in won if deal.currency == currency))


def overdue_of(session: Session, person: Person, week: Period, until_ms: int) -> tuple[OverdueRow, ...]:
    """Tasks that were overdue in the person's hands during the period, the longest first.

    Nothing of the person's own time is looked at.
    """
    return _overdue_of_people(session, [person], week, {person.id: until_ms})[person.id]


def _overdue_of_people(
    session: Session, everyone: Sequence[Person], week: Period, until: Mapping[int, int]
) -> dict[int, tuple[OverdueRow, ...]]:
    bounds = {one.id: Interval(day_bounds(week.first, one.zone).start_ms, until[one.id]) for one in everyone}
    held = tasks_held_by(session, bounds)
    return {one.id: _overdue_rows(one, held[one.id], bounds[one.id]) for one in everyone}


def _overdue_rows(person: Person, held: Sequence[Held], bounds: Interval) -> tuple[OverdueRow, ...]:
    calendar = WorkCalendar(person)
    rows = [
        OverdueRow(
            one.task.id, one.task.title, rfc3339(one.judged.deadline_ms, person.zone),
            one.working_ms(calendar) / HOUR_MS,
        )
        for one in overdue_within(held, bounds, bounds.end_ms)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.overdue_hours, row.task_id)))


def _without_step(session: Session, everyone: Sequence[Person], until: Mapping[int, int]) -> Counter[int]:
    """Open deals without a next step, by employee: one reading for all whose period ends at the same instant."""
    counts: Counter[int] = Counter()
    for end_ms in set(until.values()):
        counts += deals_without_step(session, [one for one in everyone if until[one.id] == end_ms], end_ms - 1)
    return counts


def _row(
    person: Person,
    fact: PlanToDate,
    overdue: tuple[OverdueRow, ...],
    split: TimeSplit,
    case_id: str | None,
    without_step: int,
) -> PersonRow:
    coverage = split.coverage if split.expected > split.absent else None
    plan = (fact.metric, fact.target, fact.actual, fact.currency, fact.note)
    return PersonRow(person.key, person.name, *plan, overdue, coverage, case_id, without_step)


def _split(
    person: Person, week: Period, totals: Iterable[Total], absences: Sequence[AbsenceFact], now_ms: int
) -> TimeSplit:
    calendar, today = WorkCalendar(person), day_of(now_ms, person.zone)
    days = [day for day in days_between(week.first, week.last) if day <= today]
    expected = {day: _ms_until(calendar, day, now_ms) for day in days}
    absent = {day: _ms(calendar.absent(absences, day_bounds(day, person.zone))) if absences else 0 for day in days}
    return time_split(totals, expected, absent)


def _ms_until(calendar: WorkCalendar, day: date, now_ms: int) -> int:
    return sum(max(0, min(part.end_ms, now_ms) - part.start_ms) for part in calendar.of_day(day))


def _ms(parts: Sequence[Interval]) -> int:
    return sum(part.ms for part in parts)
