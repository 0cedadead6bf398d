"""Plans, the assumptions they were made from, and the changes of their targets.

In: plan facts. Out: plan facts. Never: a change of an assumption once it was given or filled, or a change of a target
that is not written down.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import date
from itertools import groupby
from math import isfinite
from operator import attrgetter
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Assumptions, PlanChange, PlanFact, Workload
from planwhy_collector.models import Plan
from planwhy_collector.models import PlanChange as ChangeRow
from planwhy_collector.queries.upsert import chunks, inserting, upsert

ASSUMPTIONS = tuple(f.name for f in fields(Assumptions))

PlanKey = tuple[int, date, date, str]
"""Employee, first day, last day, metric."""

IMPORT = "import"
"""Who changed a target where a file did."""
LARGEST_TARGET = 1e12


def plans_touching(session: Session, employee_id: int, first: date, last: date) -> tuple[PlanFact, ...]:
    """Find the person's plans that share a day with first to last, the earliest and shortest first."""
    return plans_by_person(session, [employee_id], first, last).get(employee_id, ())


def plans_by_person(
    session: Session, employee_ids: Iterable[int], first: date, last: date
) -> dict[int, tuple[PlanFact, ...]]:
    """The same for several people, by employee; people without such plans are left out."""
    query = select(Plan).where(Plan.first_day <= last, Plan.last_day >= first)
    ordered = query.order_by(Plan.employee_id, Plan.first_day, Plan.last_day, Plan.metric)
    parts = chunks(sorted(set(employee_ids)))
    rows = (row for ids in parts for row in session.scalars(ordered.where(Plan.employee_id.in_(ids))))
    return {key: tuple(map(_fact, own)) for key, own in groupby(rows, key=attrgetter("employee_id"))}


def plans_begun(session: Session, until: date, ended_since: date) -> tuple[PlanFact, ...]:
    """Find everyone's plans that began by a day and run still, or ended on another day or later."""
    query = select(Plan).where(Plan.first_day <= until, Plan.last_day >= ended_since)
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
    return replace(
        stored,
        period=given.period,
        target=given.target,
        currency=given.currency,
        assumptions=Assumptions(**(asdict(stored.assumptions) | new)),
        sources=stored.sources | {k: v for k, v in given.sources.items() if k not in stored.sources},
    )


def store_plan(session: Session, plan: PlanFact, now_ms: int) -> None:
    """Add a plan, or correct the target of an existing one. Raises InvalidInput where an assumption would change."""
    store_plans(session, [plan], now_ms)


def store_plans(session: Session, plans: Iterable[PlanFact], now_ms: int, changed_by: str = IMPORT) -> None:
    """The same for many plans at once. `made_ms` of an existing plan stays, a target that changes is written down."""
    listed = tuple(plans)
    stored = plans_of(session, (p.employee_id for p in listed))
    fresh = [p for p in listed if plan_key(p) not in stored]
    upsert(session, Plan, [_columns(p) | {"made_ms": now_ms, "filled_ms": now_ms if p.filled else None} for p in fresh])
    known = [(stored[plan_key(p)], p) for p in listed if plan_key(p) in stored]
    for before, after in ((before, corrected(before, p)) for before, p in known):
        if after != before:
            row = session.get_one(Plan, plan_key(after))
            for name, value in _columns(after).items():
                setattr(row, name, value)
        if after.target != before.target:
            _write_down(session, before, PlanChange(now_ms, before.target, after.target, changed_by, ""))
    session.flush()


def add_plans(session: Session, plans: Iterable[PlanFact], now_ms: int) -> tuple[PlanFact, ...]:
    """Add the plans of which there is none yet; return those that were added. Safe under concurrency."""
    added = []
    for plan in plans:
        checked_target(plan.target)
        row = _columns(plan) | {"made_ms": now_ms, "filled_ms": now_ms if plan.filled else None}
        made = session.execute(
            inserting(session, Plan).values(row).on_conflict_do_nothing().returning(Plan.employee_id)
        ).first()
        added += [plan] if made else []
    return tuple(added)


def change_target(
    session: Session,
    plan: PlanFact,
    new_target: float,
    changed_by: str,
    reason: str,
    now_ms: int,
    case_id: int | None = None,
) -> PlanFact:
    """Change the target of a stored plan and write the change down; the assumptions stay as they are.

    The target that it has already changes nothing. Raises NotFound, and InvalidInput for the target or no reason.
    """
    checked_target(new_target)
    if not reason.strip():
        raise InvalidInput("reason: empty, a changed target needs one")
    row = session.get(Plan, plan_key(plan), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("there is no such plan")
    before = _fact(row)
    if new_target == before.target:
        return before
    row.target = new_target
    _write_down(session, before, PlanChange(now_ms, before.target, new_target, changed_by, reason, case_id))
    return _fact(row)


def changes_of(session: Session, key: PlanKey) -> tuple[PlanChange, ...]:
    """List the changes of one plan's target, the oldest first."""
    names = (ChangeRow.employee_id, ChangeRow.first_day, ChangeRow.last_day, ChangeRow.metric)
    query = _changes().where(*(name == value for name, value in zip(names, key, strict=True)))
    return tuple(_change(row) for row in session.scalars(query))


def changes_by_plan(session: Session, employee_ids: Iterable[int]) -> dict[PlanKey, tuple[PlanChange, ...]]:
    """List the changes of all plans of these employees, the oldest first; plans without changes are left out."""
    found: dict[PlanKey, tuple[PlanChange, ...]] = {}
    for ids in chunks(sorted(set(employee_ids))):
        for row in session.scalars(_changes().where(ChangeRow.employee_id.in_(ids))):
            key = (row.employee_id, row.first_day, row.last_day, row.metric)
            found[key] = (*found.get(key, ()), _change(row))
    return found


def checked_target(target: float) -> float:
    """The target itself. Raises InvalidInput unless it is a number above zero and at most LARGEST_TARGET."""
    if not isfinite(target) or not 0 < target <= LARGEST_TARGET:
        raise InvalidInput(f"target {target:g}: expected a number above zero, at most {LARGEST_TARGET:g}")
    return target


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
        "clients": plan.workload.clients if plan.workload else None,
        "hours_per_client": plan.workload.hours_per_client if plan.workload else None,
        "made_by": plan.made_by,
        **asdict(plan.assumptions),
    }


def _fact(row: Plan) -> PlanFact:
    metric: Literal["contracts", "revenue"] = "revenue" if row.metric == "revenue" else "contracts"
    assumptions = Assumptions(**{name: getattr(row, name) for name in ASSUMPTIONS})
    bare = row.clients is None or row.hours_per_client is None
    return PlanFact(
        row.employee_id, row.period, row.first_day, row.last_day, metric, row.target, row.currency,
        assumptions, json.loads(row.sources), row.filled_ms is not None,
        None if bare else Workload(row.clients or 0.0, row.hours_per_client or 0.0), row.made_by,
    )  # fmt: skip


def _write_down(session: Session, plan: PlanFact, change: PlanChange) -> None:
    """Add a change; at the earliest one ms after the last one of its plan, for the instant is a part of the key."""
    last = max((one.at_ms for one in changes_of(session, plan_key(plan))), default=0)
    key = dict(zip(("employee_id", "first_day", "last_day", "metric"), plan_key(plan), strict=True))
    session.add(ChangeRow(**key, **asdict(replace(change, at_ms=max(change.at_ms, last + 1)))))
    session.flush()


def _changes() -> Select[ChangeRow]:
    return select(ChangeRow).order_by(ChangeRow.at_ms)


def _change(row: ChangeRow) -> PlanChange:
    return PlanChange(**{field.name: getattr(row, field.name) for field in fields(PlanChange)})
