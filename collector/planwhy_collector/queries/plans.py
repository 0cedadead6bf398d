"""Plans and the assumptions they were made from.

In: plan facts. Out: plan facts. Never: a change of an assumption once it was given or filled.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.models import Plan
from planwhy_collector.queries.upsert import chunks, upsert

ASSUMPTIONS = tuple(f.name for f in fields(Assumptions))

PlanKey = tuple[int, date, date, str]
"""Employee, first day, last day, metric."""


def plans_touching(session: Session, employee_id: int, first: date, last: date) -> tuple[PlanFact, ...]:
    """Find the person's plans that share a day with first to last, the earliest and shortest first."""
    query = select(Plan).where(Plan.employee_id == employee_id, Plan.first_day <= last, Plan.last_day >= first)
    rows = session.scalars(query.order_by(Plan.first_day, Plan.last_day, Plan.metric))
    return tuple(_fact(row) for row in rows)


def plans_ended(session: Session, first: date, last: date) -> tuple[PlanFact, ...]:
    """Find everyone's plans whose last day lies between first and last, both included."""
    query = select(Plan).where(Plan.last_day >= first, Plan.last_day <= last)
    return tuple(_fact(row) for row in session.scalars(query.order_by(Plan.employee_id, Plan.first_day, Plan.metric)))


def plans_of(session: Session, employee_ids: Iterable[int]) -> dict[PlanKey, PlanFact]:
    """Find all plans of these employees, by key."""
    parts = chunks(sorted(set(employee_ids)))
    rows = (row for ids in parts for row in session.scalars(select(Plan).where(Plan.employee_id.in_(ids))))
    return {plan_key(plan): plan for plan in map(_fact, rows)}


def plan_key(plan: PlanFact) -> PlanKey:
    """What a plan is matched by."""
    return plan.employee_id, plan.first, plan.last, plan.metric


def clash(stored: PlanFact, given: PlanFact) -> str | None:
    """Name the first assumption that the given plan would change though it is fixed; None where all agree.

    An assumption left empty changes nothing. One that was given before, or filled from history, never changes.
    """
    old, new = asdict(stored.assumptions), asdict(given.assumptions)
    for name in ASSUMPTIONS:
        fixed = old[name] is not None or stored.filled
        if new[name] is not None and fixed and new[name] != old[name]:
            return name
    return None


def corrected(stored: PlanFact, given: PlanFact) -> PlanFact:
    """The stored plan with the given target, and assumptions where it had none. Raises InvalidInput on a clash."""
    if (name := clash(stored, given)) is not None:
        raise InvalidInput(f"plan {given.period}: the assumption {name} is fixed and cannot change")
    new = {k: v for k, v in asdict(given.assumptions).items() if v is not None}
    return PlanFact(
        stored.employee_id, given.period, stored.first, stored.last, stored.metric, given.target, given.currency,
        Assumptions(**(asdict(stored.assumptions) | new)),
        stored.sources | {k: v for k, v in given.sources.items() if k not in stored.sources}, stored.filled,
    )  # fmt: skip


def store_plan(session: Session, plan: PlanFact, now_ms: int) -> None:
    """Add a plan, or correct the target of an existing one. Raises InvalidInput where an assumption would change."""
    store_plans(session, [plan], now_ms)


def store_plans(session: Session, plans: Iterable[PlanFact], now_ms: int) -> None:
    """The same for many plans at once. `made_ms` of an existing plan stays."""
    listed = tuple(plans)
    stored = plans_of(session, (p.employee_id for p in listed))
    fresh = [p for p in listed if plan_key(p) not in stored]
    upsert(session, Plan, [_columns(p) | {"made_ms": now_ms, "filled_ms": None} for p in fresh])
    known = [(stored[plan_key(p)], p) for p in listed if plan_key(p) in stored]
    changed = [after for before, p in known if (after := corrected(before, p)) != before]
    for plan in changed:
        row = session.get_one(Plan, plan_key(plan))
        for name, value in _columns(plan).items():
            setattr(row, name, value)
    session.flush()


def fill_assumptions(
    session: Session, plan: PlanFact, assumptions: Assumptions, sources: dict[str, str], now_ms: int
) -> PlanFact:
    """Set the assumptions that the plan lacks, once, and return the plan as stored.

    What was given stays as given. A plan filled before is returned unchanged. Raises NotFound.
    """
    row = session.get(Plan, plan_key(plan), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("there is no such plan")
    if row.filled_ms is None:
        found, said = asdict(assumptions), dict(json.loads(row.sources))
        for name in ASSUMPTIONS:
            if getattr(row, name) is None:
                setattr(row, name, found[name])
                said[name] = sources.get(name, "none")
        row.sources, row.filled_ms = json.dumps(said), now_ms
        session.flush()
    return _fact(row)


def _columns(plan: PlanFact) -> dict[str, object]:
    return {
        "employee_id": plan.employee_id,
        "first_day": plan.first,
        "last_day": plan.last,
        "metric": plan.metric,
        "period": plan.period,
        "target": plan.target,
        "currency": plan.currency,
        "sources": json.dumps(plan.sources),
        **asdict(plan.assumptions),
    }


def _fact(row: Plan) -> PlanFact:
    metric: Literal["contracts", "revenue"] = "revenue" if row.metric == "revenue" else "contracts"
    assumptions = Assumptions(**{name: getattr(row, name) for name in ASSUMPTIONS})
    return PlanFact(
        row.employee_id, row.period, row.first_day, row.last_day, metric, row.target, row.currency,
        assumptions, json.loads(row.sources), row.filled_ms is not None,
    )  # fmt: skip
