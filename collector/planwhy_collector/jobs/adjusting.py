"""Adjusts a plan in a case: query → query, in the caller's transaction. In: the new target, a reason. Out: a change.

The target that the decision was based on comes along: where someone else has changed it meanwhile, nothing is done and
the second is told. The assumptions stay frozen, so that the explanation shows the change as what it is.
"""

from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import PlanFact
from planwhy_collector.plan.target import METRICS
from planwhy_collector.queries.case_events import add_event
from planwhy_collector.queries.cases import CaseFact, said
from planwhy_collector.queries.decisions import hold_open
from planwhy_collector.queries.grants import REASON_CHARS
from planwhy_collector.queries.plans import change_target, plans_touching
from planwhy_collector.queries.users import UserFact


def adjust(
    session: Session, case: CaseFact, based_on: float, new_target: float, reason: str, by: UserFact, now_ms: int
) -> PlanFact:
    """Change the target of the case's plan. Raises InvalidInput for the target, the reason, or a plan that moved."""
    reason = said(reason, "reason", REASON_CHARS)
    hold_open(session, case.id)
    plan = plan_of_case(session, case)
    if plan is None:
        raise InvalidInput(f"target: there is no plan for exactly {case.period.text}")
    if plan.target != based_on:
        raise InvalidInput(f"target: someone has changed it meanwhile, it is {plan.target:g} now")
    if new_target == plan.target:
        raise InvalidInput(f"target: it is {plan.target:g} already")
    changed = change_target(session, plan, new_target, f"{by.name} <{by.email}>", reason, now_ms, case.id)
    values = plan.target, changed.target
    add_event(session, case.id, "adjusted", by.id, now_ms, plan.metric, reason, values)
    return changed


def plan_of_case(session: Session, case: CaseFact) -> PlanFact | None:
    """The plan of exactly the case's days; of contracts where there is one of each metric, as everywhere."""
    days = case.period.first, case.period.last
    found = plans_touching(session, case.employee_id, *days)
    exact = {plan.metric: plan for plan in found if (plan.first, plan.last) == days}
    return next((exact[metric] for metric in METRICS if metric in exact), None)
