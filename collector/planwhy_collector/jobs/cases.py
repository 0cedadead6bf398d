"""Cases that open by themselves: query → pure → query. In: plans. Out: cases, at most one per person and period.

A case opens where a plan was missed, or runs clearly behind, by more than the thresholds of the person's team **and**
the person has tasks plainly overdue: the mission is a missed plan and overdue tasks, so that neither alone is a case.
A case opened within its period goes on after it. Only what the CRM and the calendar know is looked at; an explanation
is made when someone looks. Never: a conclusion; that is a person's.
"""

from dataclasses import dataclass
from datetime import timedelta

from planwhy_shared.times import days_bounds, from_ms
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NoPlan
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.jobs.overview import overdue_of
from planwhy_collector.jobs.pacing import reached, running
from planwhy_collector.plan.miss import OwnThresholds, Thresholds, behind, missed, plainly_overdue
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.cases import BY_PACE, BY_RULE, cases_since, open_case
from planwhy_collector.queries.people import people
from planwhy_collector.queries.plans import plans_begun
from planwhy_collector.queries.thresholds import common_thresholds, own_thresholds

LOOK_BACK_DAYS = 100
"""Plans that ended longer ago open no case by themselves any more."""
SHORTEST_DAYS = 6
"""Plans for single days are too small to open cases by themselves."""


@dataclass(frozen=True, slots=True)
class Due:
    """A plan that is a case, and the reason: `rule` after its period, `pace` within it."""

    person: Person
    period: Period
    reason: str


def open_cases(database: Database, now_ms: int, settings: Settings) -> int:
    """Open what is due; how many cases are new. Safe to run again, and by two at once."""
    with database.reading() as session:
        found = _due(session, now_ms, settings)
    return sum(_open(database, one, now_ms, settings.detail_days) for one in found)


def _due(session: Session, now_ms: int, settings: Settings) -> list[Due]:
    everyone = {person.id: person for person in people(session)}
    common, own = common_thresholds(settings), own_thresholds(session)
    due = []
    for plan in _plans_without_case(session, now_ms):
        if (person := everyone.get(plan.employee_id)) is not None:
            limits = own.get(person.team or "", OwnThresholds()).over(common)
            if (reason := _reason(session, person, plan, limits, now_ms)) is not None:
                due.append(Due(person, Period(plan.period, plan.first, plan.last), reason))
    return due


def _plans_without_case(session: Session, now_ms: int) -> list[PlanFact]:
    """Plans that run, or ended not long ago; a day more on either side, for days differ between zones."""
    today = from_ms(now_ms).date()
    since, until = today - timedelta(days=LOOK_BACK_DAYS), today + timedelta(days=1)
    known = cases_since(session, since)
    return [
        plan
        for plan in plans_begun(session, until, since)
        if (plan.last - plan.first).days + 1 >= SHORTEST_DAYS and (plan.employee_id, plan.first, plan.last) not in known
    ]


def _reason(session: Session, person: Person, plan: PlanFact, limits: Thresholds, now_ms: int) -> str | None:
    """Why a plan is a case; None where it is none. Tasks are looked at only where the plan falls short."""
    period = Period(plan.period, plan.first, plan.last)
    bounds = days_bounds(plan.first, plan.last, person.zone)
    ended = bounds.end_ms <= now_ms
    if ended:
        short = missed(plan.target, reached(session, person, plan, bounds), limits)
    else:
        short = _lags(session, person, period, plan.metric, limits, now_ms)
    if not short:
        return None
    tasks = overdue_of(session, person, period, min(now_ms, bounds.end_ms))
    if not plainly_overdue([task.overdue_hours for task in tasks], limits):
        return None
    return BY_RULE if ended else BY_PACE


def _lags(session: Session, person: Person, period: Period, metric: str, limits: Thresholds, now_ms: int) -> bool:
    try:
        return behind(running(session, person, period, now_ms, metric), limits)
    except NoPlan:
        return False


def _open(database: Database, due: Due, now_ms: int, days: int) -> bool:
    with database.writing() as session:
        _, new = open_case(session, due.person.id, due.period, due.reason, None, now_ms, days)
    return new
