"""What is stored of plans, with what was reached: query → pure. In: people, a period, an instant. Out: stored plans.

Never: a day settled or an assumption filled; reading a plan changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planwhy_shared.times import days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.facts import Person, PlanChange, PlanFact
from planwhy_collector.jobs.overview import plan_of
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.plans import changes_by_plan, plan_key, plans_of


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan, whose it is, the changes of its target, and what is reached to date; None before it begins."""

    person: Person
    plan: PlanFact
    changes: tuple[PlanChange, ...]
    actual: float | None


def stored_plans(session: Session, staff: Sequence[Person], period: Period | None, now_ms: int) -> list[StoredPlan]:
    """The plans of people, of those that share a day with the period, in the order of people, the newest first."""
    ids = [one.id for one in staff]
    found, changes = plans_of(session, ids), changes_by_plan(session, ids)
    chosen = [plan for plan in found.values() if period is None or _touches(plan, period)]
    chosen.sort(key=lambda plan: (plan.first, plan.last, plan.metric), reverse=True)
    return [
        StoredPlan(one, plan, changes.get(plan_key(plan), ()), _actual(session, one, plan, now_ms))
        for one in staff
        for plan in chosen
        if plan.employee_id == one.id
    ]


def _touches(plan: PlanFact, period: Period) -> bool:
    return plan.first <= period.last and period.first <= plan.last


def _actual(session: Session, one: Person, plan: PlanFact, now_ms: int) -> float | None:
    bounds = days_bounds(plan.first, plan.last, one.zone)
    if bounds.start_ms >= now_ms:
        return None
    period = Period(plan.period, plan.first, plan.last)
    return plan_of(session, one, period, min(now_ms, bounds.end_ms), plan.metric).actual
