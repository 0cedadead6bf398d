"""What changed between two plans of a person, and how much of the difference each quantity makes.

In: two plans with their assumptions. Out: parts that add up to the difference of the targets. Never: a comparison
where a quantity of either plan is not known.

The difference is divided by the exact Shapley value. Service hours per client are compared per working hour, so that a
longer month alone changes only the expected hours. Where one of the plans was not made from workload, both sides have
one quantity `service`, its service hours per working hour, instead of clients and hours per client.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from planwhy_collector.facts import PlanFact
from planwhy_collector.plan.shapley import shapley

WORKLOAD = ("clients", "hours_per_client")
SERVICE = ("service",)


@dataclass(frozen=True, slots=True)
class Part:
    """One quantity: its two figures, and what its move adds to the target (negative: takes from it)."""

    name: str
    before: float
    after: float
    part: float


@dataclass(frozen=True, slots=True)
class Change:
    """From one target to the next. `parts` is empty where the plans cannot be compared."""

    before: float
    after: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """The quantities of one plan by name, and what stands between their product and the target.

    `stretch` is target / product (rounding, or a target by hand); where that product is nothing, `added` is the target.
    """

    values: dict[str, float]
    stretch: float = 1.0
    added: float = 0.0


def change_between(before: PlanFact, after: PlanFact) -> Change:
    """Divide the difference of two targets of one metric and currency."""
    service = WORKLOAD if before.workload and after.workload else SERVICE
    sides = _side(before, service), _side(after, service)
    if before.currency != after.currency or sides[0] is None or sides[1] is None:
        return Change(before.target, after.target, ())
    return Change(before.target, after.target, _parts(sides[0], sides[1], after.metric))


def _parts(before: _Side, after: _Side, metric: str) -> tuple[Part, ...]:
    names = [name for name in before.values if name != "deal_value" or metric == "revenue"]

    def worth(mask: int) -> float:
        moved = {name: (after if mask & 1 << i else before).values[name] for i, name in enumerate(names)}
        last = after if mask & 1 << len(names) else before
        return _product(moved) * last.stretch + last.added

    parts = shapley(len(names) + 1, worth)
    figures: Sequence[tuple[str, float, float]] = [
        *((name, before.values[name], after.values[name]) for name in names),
        ("stretch", before.stretch, after.stretch),
    ]
    return tuple(Part(*figure, part) for figure, part in zip(figures, parts, strict=True))


def _product(values: dict[str, float]) -> float:
    service = values["service"] if "service" in values else values["clients"] * values["hours_per_client"]
    sales = max(0.0, values["attendance"] * values["focus"] - service)
    hours = values["expected_hours"] * sales
    return hours * values["contact_rate"] * values["conversion"] * values.get("deal_value", 1.0)


def _side(plan: PlanFact, service: tuple[str, ...]) -> _Side | None:
    """A plan's quantities; None where one of them is not known."""
    a = plan.assumptions
    found: dict[str, float | None] = {"expected_hours": a.expected_hours, "attendance": a.attendance, "focus": a.focus}
    found |= _workload(plan) if service == WORKLOAD else {"service": _service(plan)}
    found |= {"contact_rate": a.contact_rate, "conversion": conversion_of(plan)}
    if plan.metric == "revenue":
        found["deal_value"] = a.deal_value
    values = {name: value for name, value in found.items() if value is not None}
    return _stretched(values, plan.target) if len(values) == len(found) and a.expected_hours else None


def _stretched(values: dict[str, float], target: float) -> _Side:
    product = _product(values)
    stretch = target / product if product > 0 else float("inf")
    return _Side(values, stretch) if isfinite(stretch) else _Side(values, 1.0, target)


def _workload(plan: PlanFact) -> dict[str, float | None]:
    hours, load = plan.assumptions.expected_hours, plan.workload
    per_hour = load.hours_per_client / hours if load and hours else None
    return {"clients": load.clients if load else None, "hours_per_client": per_hour}


def _service(plan: PlanFact) -> float | None:
    """Service hours per working hour, by the sales share."""
    a = plan.assumptions
    if a.attendance is None or a.focus is None or a.sales_share is None:
        return None
    return a.attendance * a.focus * (1 - a.sales_share)


def conversion_of(plan: PlanFact) -> float | None:
    """Contracts per contact by a plan's assumptions; where nothing is known of late contacts, that on time."""
    a = plan.assumptions
    if a.conversion_on_time is None:
        return None
    late = a.late_share or 0.0
    at_late = a.conversion_on_time if a.conversion_late is None else a.conversion_late
    return (1 - late) * a.conversion_on_time + late * at_late
