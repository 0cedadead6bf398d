"""Plans and proposals as JSON. In: proposals, stored plans. Out: plain data. Never: a figure that was not computed."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from planwhy_shared.times import rfc3339

from planwhy_collector.facts import Person, PlanChange, PlanFact
from planwhy_collector.plan.change import Change
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.workload import Order


def plan_json(person: Person, plan: PlanFact, changes: Iterable[PlanChange]) -> dict[str, Any]:
    """A stored plan, as the reading API and the command line give it."""
    return {
        "employee_id": person.key, "period": {"from": plan.first, "to": plan.last}, "name": plan.period,
        "metric": plan.metric, "target": plan.target, "currency": plan.currency,
        "assumptions": plan.assumptions, "sources": plan.sources,
        "clients": plan.workload.clients if plan.workload else None,
        "hours_per_client": plan.workload.hours_per_client if plan.workload else None,
        "made_by": plan.made_by, "changes": [_changed(one, person) for one in changes],
    }  # fmt: skip


def proposals_json(order: Order, found: Iterable[Proposal], stored: Iterable[PlanFact]) -> dict[str, Any]:
    """What was proposed to each person, and whose plans were stored."""
    made = {plan.employee_id for plan in stored}
    period = {"from": order.period.first, "to": order.period.last}
    proposed = [_proposal(one, one.person.id in made) for one in found]
    head = {"period": period, "name": order.period.text, "metric": order.metric, "currency": order.currency}
    return head | {"step": order.step, "plans": proposed}


def _proposal(one: Proposal, stored: bool) -> dict[str, Any]:
    draft, basis = one.draft, one.draft.basis
    return {
        "employee_id": one.person.key, "stored": stored, "target": one.plan.target if one.plan else None,
        "refusal": "exists" if one.existing else draft.refusal, "missing": draft.missing, "notes": draft.notes,
        "existing_target": one.existing.target if one.existing else None,
        "absent_hours": draft.load.absent_hours, "quantities": draft.values, "sources": draft.sources,
        "usable_hours": basis and basis.usable_hours, "service_hours": basis and basis.service_hours,
        "sales_hours": basis and basis.sales_hours, "conversion": basis and basis.conversion,
        "unrounded": basis and basis.worth, "contracts_in_other_currencies": one.other_currency,
        "change": _change(one.change) if one.change else None,
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    return {"before": change.before, "after": change.after, "parts": [asdict(part) for part in change.parts]}


def _changed(change: PlanChange, person: Person) -> dict[str, Any]:
    return {
        "at": rfc3339(change.at_ms, person.zone), "from": change.old_target, "to": change.new_target,
        "by": change.changed_by, "reason": change.reason,
        "case_id": None if change.case_id is None else str(change.case_id),
    }  # fmt: skip
