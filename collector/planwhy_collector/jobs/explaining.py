"""Explains a plan: query → pure → query. In: an employee, a period, an instant. Out: one Explanation.

Safe to run twice. It stores the assumptions of a bare plan once, and settles days that need it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

import msgspec
from planwhy_shared.times import Interval, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NoPlan
from planwhy_collector.explain.comparing import Figures, figures_of, medians_of
from planwhy_collector.explain.compose import compose
from planwhy_collector.explain.evidence import Evidence
from planwhy_collector.explain.hidden import Hidden
from planwhy_collector.explain.result import Explanation
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.jobs.assuming import filled
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.measuring import Findings, Scope, history, measure, metric_reached
from planwhy_collector.jobs.objecting import standing
from planwhy_collector.jobs.overdue import judged_tasks
from planwhy_collector.plan.assume import complete
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.target import Target, plan_parts, target_of, with_assumptions
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import crm, rollups
from planwhy_collector.queries.people import colleagues, person
from planwhy_collector.queries.plans import plans_by_person, plans_touching


def explain(
    database: Database,
    employee_key: str,
    period: Period,
    as_of_ms: int,
    settings: Settings,
    locale: str | None = None,
    metric: str | None = None,
    *,
    disclosed: bool = False,
) -> Explanation:
    """Explain the plan of an employee for a period by what was known at `as_of_ms`.

    `locale` is the summary's language, `metric` chooses between plans for contracts and for revenue. `disclosed`: the
    reader is the person or answers the person's objections, so that these name personal categories too. Raises
    NotFound, NoPlan, and InvalidInput for a period that begins after `as_of_ms`.
    """
    evidence = gather(database, employee_key, period, as_of_ms, settings, metric)
    found = compose(evidence, locale or settings.default_locale)
    with database.reading() as session:
        beside = standing(session, evidence.person, period.first, period.last, as_of_ms, disclosed=disclosed)
    return msgspec.structs.replace(found, objections=beside)


def gather(
    database: Database, employee_key: str, period: Period, as_of_ms: int, settings: Settings, metric: str | None = None
) -> Evidence:
    """Collect the evidence of one explanation."""
    limit = settings.coverage_limit
    with database.reading() as session:
        one = person(session, employee_key)
        rules_version = rules_in_force(session).version
    bounds = _bounds(one, period, as_of_ms)
    target, figures = _plan_side(database, one, period, as_of_ms, limit, metric)
    scope = Scope(target.metric, target.currency, as_of_ms)
    found = measure(database, one, period.first, period.last, scope)
    return Evidence(
        person=one,
        period=period,
        as_of_ms=as_of_ms,
        target=target,
        measured=found.measured,
        sales=found.sales,
        own_trailing=figures,
        met_plan=_met_plan(database, one, period, scope, found, limit),
        absence_ms=_absences(database, one, period, bounds),
        overdue=judged_tasks(database, one, bounds, as_of_ms, settings.usual_effort_minutes),
        limit=limit,
        rules_version=rules_version,
        hidden=_hidden(database, one, period, found),
        revised=_revised(database, one, period),
    )


def _bounds(one: Person, period: Period, as_of_ms: int) -> Interval:
    """The period up to as-of. Raises InvalidInput where nothing of it has passed."""
    whole = days_bounds(period.first, period.last, one.zone)
    if as_of_ms <= whole.start_ms:
        raise InvalidInput(f"period {period.text}: it has not begun yet, there is nothing to explain")
    return Interval(whole.start_ms, min(whole.end_ms, as_of_ms))


def _plan_side(
    database: Database, one: Person, period: Period, as_of_ms: int, limit: float, metric: str | None
) -> tuple[Target, Figures]:
    """The target with its assumptions, and the person's own figures of the three months before the period."""
    calendar = WorkCalendar(one)
    with database.reading() as session:
        plans = plans_touching(session, one.id, period.first, period.last)
    parts = plan_parts(plans, period, calendar, as_of_ms, metric)

    def own_before(plan: PlanFact) -> PlanFact:
        if plan.filled or complete(plan):
            return plan
        scope = Scope(plan.metric, plan.currency, as_of_ms)
        return filled(database, plan, history(database, one, plan.first, scope), as_of_ms, limit)

    target = target_of(with_assumptions(parts, map(own_before, (part.plan for part in parts))), period, calendar)
    trailing = history(database, one, period.first, Scope(target.metric, target.currency, as_of_ms))
    return target, figures_of(trailing, limit, sum(part.expected_ms for part in parts))


def _met_plan(database: Database, one: Person, period: Period, scope: Scope, found: Findings, limit: float) -> Figures:
    """The medians of those who met their plans of the same metric and period, in the team of its first day."""
    with database.reading() as session:
        others = colleagues(session, one, period.first)
        plans = plans_by_person(session, (other.id for other in others), period.first, period.last)
        met = [other for other in others if _has_met(session, other, plans.get(other.id, ()), period, scope)]
    peers = [measure(database, other, period.first, period.last, scope).measured for other in met]
    return medians_of(peers, limit, found.measured.time.expected)


def _has_met(session: Session, other: Person, plans: Sequence[PlanFact], period: Period, scope: Scope) -> bool:
    calendar = WorkCalendar(other)
    try:
        target = target_of(plan_parts(plans, period, calendar, scope.as_of_ms, scope.metric), period, calendar)
    except NoPlan:
        return False
    same = target.currency == scope.currency
    return same and metric_reached(session, other, period.first, period.last, scope) >= target.value


def _hidden(database: Database, one: Person, period: Period, found: Findings) -> Hidden:
    """What tells of time that is not known: the days, and active time by site or program."""
    with database.reading() as session:
        profile = rules_in_force(session).profile_of(one.position, one.team)
        rows = rollups.active_by_program(session, one.id, profile, period.first, period.last)
    programs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for program, label, area, ms in rows:
        programs[program][(area or "general") if label == "work" else label or "unclassified"] += ms
    return Hidden(tuple(found.days.by_day.values()), tuple(TimeSplit(**spent) for spent in programs.values()))


def _revised(database: Database, one: Person, period: Period) -> tuple[tuple[date, int], ...]:
    """Days of the period that came out differently after they had been settled."""
    with database.reading() as session:
        return rollups.revised_days(session, [one.id], period.first, period.last).get(one.id, ())


def _absences(database: Database, one: Person, period: Period, bounds: Interval) -> dict[str, int]:
    """Approved working time away by kind."""
    calendar = WorkCalendar(one)
    spent: Counter[str] = Counter()
    with database.reading() as session:
        absences = crm.absences_of(session, one.id, period.first, period.last)
    for absence in absences:
        spent[absence.kind] += sum(i.ms for i in calendar.absent((absence,), bounds))
    return dict(spent)
