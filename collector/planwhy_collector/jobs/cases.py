"""Cases that open by themselves: query → pure → query. In: plans that have ended. Out: cases, at most one per plan.

A case opens where the plan was missed by more than the threshold and the person has overdue tasks above theirs
(method, section 6). Never: a conclusion; that is a person's.
"""

from datetime import date, timedelta

from planwhy_shared.times import from_ms

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NoPlan
from planwhy_collector.explain.result import Explanation
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.cases import BY_RULE, cases_touching, open_case
from planwhy_collector.queries.people import people
from planwhy_collector.queries.plans import plans_ended

LOOK_BACK_DAYS = 100
"""Plans that ended longer ago open no case by themselves any more."""
SHORTEST_DAYS = 6
"""Plans for single days are too small to open cases by themselves."""


def open_cases(database: Database, now_ms: int, settings: Settings) -> int:
    """Open what is due; how many cases are new. Safe to run again."""
    return sum(_open(database, person, plan, now_ms, settings) for person, plan in _due(database, now_ms))


def opens(explained: Explanation, settings: Settings) -> bool:
    """Whether an explanation is a case: short by more than the share, and overdue tasks above their thresholds."""
    plan, tasks = explained.plan, explained.overdue
    if not plan.missed or plan.shortfall <= settings.miss_share * plan.target:
        return False
    hours = sum(task.overdue_hours for task in tasks)
    return len(tasks) >= settings.miss_overdue_tasks or hours >= settings.miss_overdue_hours


def _due(database: Database, now_ms: int) -> list[tuple[Person, PlanFact]]:
    """Plans that have ended in their person's zone and have no case yet."""
    today = from_ms(now_ms).date()
    with database.reading() as session:
        everyone = {person.id: person for person in people(session)}
        plans = plans_ended(session, today - timedelta(days=LOOK_BACK_DAYS), today)
        return [
            (everyone[plan.employee_id], plan)
            for plan in plans
            if plan.employee_id in everyone
            and _ended(plan, everyone[plan.employee_id], now_ms)
            and not any(
                (case.period.first, case.period.last) == (plan.first, plan.last)
                for case in cases_touching(session, plan.employee_id, plan.first, plan.last)
            )
        ]


def _ended(plan: PlanFact, person: Person, now_ms: int) -> bool:
    today: date = from_ms(now_ms, person.zone).date()
    return plan.last < today and (plan.last - plan.first).days + 1 >= SHORTEST_DAYS


def _open(database: Database, person: Person, plan: PlanFact, now_ms: int, settings: Settings) -> bool:
    period = Period(plan.period, plan.first, plan.last)
    try:
        explained = explain(database, person.key, period, now_ms, settings, settings.default_locale)
    except NoPlan:
        return False
    if not opens(explained, settings):
        return False
    with database.writing() as session:
        _, new = open_case(session, person.id, period, BY_RULE, None, now_ms, settings.detail_days)
    return new
