"""Puts an explanation together: identity, decomposition, chance, overdue tasks, circumstances, words.

In: Evidence and a language. Out: the Explanation of the contract. Never: a figure that the evidence does not hold.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from planwhy_shared.times import HOUR_MS, Interval, rfc3339

from planwhy_collector.explain.chance import chance_of
from planwhy_collector.explain.circumstances import circumstances
from planwhy_collector.explain.evidence import Evidence, JudgedTask
from planwhy_collector.explain.hidden import LEVEL
from planwhy_collector.explain.identity import TIME_FACTORS, Sides, figures, two_sides
from planwhy_collector.explain.interval import Contribution, contributions
from planwhy_collector.explain.overdue import TaskTime
from planwhy_collector.explain.result import (
    ChanceOut,
    Explanation,
    FactorOut,
    HeldOut,
    MoveOut,
    OverdueOut,
    OverdueTimeOut,
    PeriodOut,
    PlanOut,
    RevisedOut,
    WindowOut,
)
from planwhy_collector.explain.text import summary
from planwhy_collector.explain.times import coverage_out, time_out

UNITS = {
    "attendance": "share",
    "focus": "share",
    "sales_share": "share",
    "contact_rate": "per_hour",
    "follow_up": "share",
    "conversion": "per_contact",
    "plan_stretch": "ratio",
    "contacts": "contacts",
}
_SOURCES = {
    "follow_up": ("late_share",),
    "conversion": ("conversion_on_time",),
    "plan_stretch": (),
    "contacts": TIME_FACTORS,
}
_CERTAINTY = ("given", "own", "team", "none")


def compose(evidence: Evidence, locale: str) -> Explanation:
    """Explain. `locale` is `ru` or `en`."""
    time, target = evidence.measured.time, evidence.target
    timed = conclusive(evidence)
    sides = two_sides(evidence.measured, target.assumptions, target.value, target.metric, timed)
    parts = contributions(sides, evidence.measured, evidence.hidden)
    zone = evidence.person.zone
    explained = Explanation(
        employee_id=evidence.person.key,
        period=PeriodOut(evidence.period.first.isoformat(), evidence.period.last.isoformat()),
        as_of=rfc3339(evidence.as_of_ms, zone),
        plan=_plan(evidence),
        coverage=coverage_out(time, timed),
        time=time_out(time),
        factors=tuple(_factor(part, sides, evidence) for part in parts),
        chance=_chance(sides, evidence),
        overdue=tuple(_overdue(one, evidence) for one in _by_hours(evidence)),
        circumstances=circumstances(evidence, timed),
        rules_version=evidence.rules_version,
        summary="",
        revised=revised_out(evidence.revised, zone),
    )
    return msgspec.structs.replace(explained, summary=summary(explained, locale))


def revised_out(days: Sequence[tuple[date, int]], zone: ZoneInfo) -> tuple[RevisedOut, ...]:
    """Say which days were revised, and when."""
    return tuple(RevisedOut(day.isoformat(), rfc3339(at_ms, zone)) for day, at_ms in days)


def conclusive(evidence: Evidence) -> bool:
    """Whether time may be spoken of: enough is recorded, and contacts, if any, fall on some sales hours."""
    time = evidence.measured.time
    if not time.expected or not time.coverage or time.coverage < evidence.limit:
        return False
    return time.sales_hours > 0 or not evidence.measured.sales.contacts


def _plan(evidence: Evidence) -> PlanOut:
    target, actual = evidence.target, actual_of(evidence)
    return PlanOut(
        metric=target.metric,
        target=target.value,
        actual=actual,
        shortfall=target.value - actual,
        missed=actual < target.value,
        currency=target.currency if target.metric == "revenue" else None,
        prorated_from=target.prorated_from,
    )


def actual_of(evidence: Evidence) -> float:
    """The metric as it came out."""
    sales = evidence.measured.sales
    return sales.revenue if evidence.target.metric == "revenue" else float(sales.contracts)


def _factor(part: Contribution, sides: Sides, evidence: Evidence) -> FactorOut:
    plan, actual = figures(sides, part.factor)
    own, met = (known.get(part.factor) for known in (evidence.own_trailing, evidence.met_plan))
    priced = part.factor != "deal_value" or evidence.target.metric == "revenue"
    return FactorOut(
        name=part.factor,
        plan=plan,
        actual=actual,
        unit=_unit(part.factor, sides, evidence.target.metric),
        contribution=part.value,
        low=part.low,
        high=part.high,
        level=LEVEL,
        bound_low=part.bounds[0],
        bound_high=part.bounds[1],
        own_trailing=own if priced else None,
        met_plan_median=met if priced else None,
        source=_source(part.factor, sides, evidence),
        alone=_alone(part.factor, sides),
    )


def _alone(factor: str, sides: Sides) -> float | None:
    """Contracts per contact with as many late contacts as planned, where more or fewer were late."""
    if factor != "conversion" or sides.actual.late_share == sides.plan.late_share:
        return None
    return replace(sides.actual, late_share=sides.plan.late_share).conversion


def _unit(factor: str, sides: Sides, metric: str) -> str:
    amount = "money" if metric == "revenue" else "contracts"
    if factor == "deal_value":
        return "money" if metric == "revenue" else "ratio"
    return amount if factor == "plan_stretch" and sides.plan.added else UNITS[factor]


def _source(factor: str, sides: Sides, evidence: Evidence) -> str:
    """Where the plan's value came from; of several values the least certain."""
    if factor == "deal_value" and evidence.target.metric != "revenue":
        return "given"
    names = _SOURCES.get(factor, (factor,))
    known = evidence.target.sources
    found = ["none" if name in sides.unknown else known.get(name, "given") for name in names]
    return max(found, key=_CERTAINTY.index, default="given")


def _chance(sides: Sides, evidence: Evidence) -> ChanceOut | None:
    sales = evidence.measured.sales
    known = "conversion_on_time" not in sides.unknown
    chance = chance_of(sales.contacts, sales.contracts, sides.plan.conversion if known else None)
    if chance is None:
        return None
    return ChanceOut(chance.expected_contracts, sales.contracts, chance.probability, chance.within)


def _by_hours(evidence: Evidence) -> list[JudgedTask]:
    return sorted(evidence.overdue, key=lambda one: (-one.overdue_time.total, one.task.deadline_ms or 0, one.task.id))


def _overdue(one: JudgedTask, evidence: Evidence) -> OverdueOut:
    zone, task = evidence.person.zone, one.task
    closed = task.closed_ms if task.closed_ms is not None and task.closed_ms <= evidence.as_of_ms else None
    return OverdueOut(
        task_id=task.id,
        title=task.title,
        deadline=rfc3339(task.deadline_ms or 0, zone),
        closed_at=None if closed is None else rfc3339(closed, zone),
        overdue_hours=_h(one.overdue_time.total),
        verdict=one.verdict,
        window=WindowOut(*_instants(one.window, evidence)),
        time=_task_time(one.time),
        effort_hours=_h(one.effort_ms),
        overdue_time=_task_time(one.overdue_time),
        deadline_moves=tuple(
            MoveOut(rfc3339(move.at_ms, zone), _at(move.old, zone), _at(move.new, zone)) for move in one.history.moves
        ),
        reopened=one.history.reopened,
        held=_held(one.history.held, zone),
        entity_deleted=one.history.entity_deleted,
    )


def _held(held: tuple[int, int | None] | None, zone: ZoneInfo) -> HeldOut | None:
    return None if held is None else HeldOut(rfc3339(held[0], zone), _at(held[1], zone))


def _at(ms: int | None, zone: ZoneInfo) -> str | None:
    return None if ms is None else rfc3339(ms, zone)


def _instants(window: Interval, evidence: Evidence) -> tuple[str, str]:
    zone = evidence.person.zone
    return rfc3339(window.start_ms, zone), rfc3339(window.end_ms, zone)


def _task_time(time: TaskTime) -> OverdueTimeOut:
    return OverdueTimeOut(**{field.name: _h(getattr(time, field.name)) for field in fields(TaskTime)})


def _h(ms: float) -> float:
    return ms / HOUR_MS
