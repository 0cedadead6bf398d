"""Which plan, or which parts of plans, a period is measured against, and what target that gives.

In: the plans that touch the period, the person's calendar, the instant up to which facts count. Out: one Target.
Never: a target for working days that no plan covers.

A period that is a part of a plan gets the plan's target in proportion to working hours; so does a period that has
not ended. Several plans add up, and their assumptions are averaged by expected hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from planwhy_shared.times import HOUR_MS, Interval, days_between, days_bounds

from planwhy_collector.errors import NoPlan
from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar

METRICS = ("contracts", "revenue")


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The days of one plan that the period uses. `share` of its target counts, `expected_ms` lie before as-of."""

    plan: PlanFact
    expected_ms: int
    share: float


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached. `sources` says of each assumption: given, own, team, none.

    `value` counts up to as-of, `full` for the whole period. `prorated_from` names the plans of which `value` is
    only a part; None where whole plans are measured.
    """

    metric: str
    currency: str | None
    value: float
    full: float
    assumptions: Assumptions
    sources: dict[str, str]
    prorated_from: str | None


def plan_parts(
    plans: Sequence[PlanFact], period: Period, calendar: WorkCalendar, until_ms: int, metric: str | None = None
) -> tuple[PlanPart, ...]:
    """Choose plans of one metric for each day of the period: the exact plan, else for each day the shortest.

    `metric` None takes contracts where plans for contracts cover the period, else revenue. Raises NoPlan.
    """
    refused: NoPlan | None = None
    for wanted in (metric,) if metric else METRICS:
        try:
            days = _plan_of_days([p for p in plans if p.metric == wanted], period, calendar)
        except NoPlan as error:
            refused = error if refused is None or any(p.metric == wanted for p in plans) else refused
            continue
        return tuple(_part(plan, own, calendar, until_ms) for plan, own in days)
    raise refused or NoPlan(f"no plan for {period.text}")


def target_of(parts: Sequence[PlanPart], period: Period, calendar: WorkCalendar) -> Target:
    """Add up parts. The currency is that of plans for revenue. Raises NoPlan where theirs differ."""
    metric = parts[0].plan.metric
    currencies = {part.plan.currency if metric == "revenue" else None for part in parts}
    if len(currencies) > 1:
        raise NoPlan(f"the plans of {period.text} are in different currencies and cannot be added")
    wholes = {part.plan.first: whole_share(part.plan, period, calendar) for part in parts}
    prorated = [part.plan.period for part in parts if part.share < 1]
    return Target(
        metric=metric,
        currency=currencies.pop(),
        value=sum(part.plan.target * part.share for part in parts),
        full=sum(part.plan.target * max(part.share, wholes[part.plan.first]) for part in parts),
        assumptions=_averaged(parts),
        sources=_weakest(parts),
        prorated_from=", ".join(prorated) or None,
    )


def whole_share(plan: PlanFact, period: Period, calendar: WorkCalendar) -> float:
    """The share of a plan's working hours that lies in the period, as if it had ended."""
    first, last = max(plan.first, period.first), min(plan.last, period.last)
    return _share(plan, tuple(days_between(first, last)), calendar, None)


def expected_hours(plan: PlanFact, calendar: WorkCalendar) -> float:
    """The calendar's working hours of the whole plan."""
    return _ms(calendar.of_days(plan.first, plan.last)) / HOUR_MS


def with_assumptions(parts: Iterable[PlanPart], filled: Iterable[PlanFact]) -> tuple[PlanPart, ...]:
    """Put plans with filled assumptions into their parts; both are in the same order."""
    return tuple(replace(part, plan=plan) for part, plan in zip(parts, filled, strict=True))


def _plan_of_days(
    plans: Sequence[PlanFact], period: Period, calendar: WorkCalendar
) -> tuple[tuple[PlanFact, tuple[date, ...]], ...]:
    days = tuple(days_between(period.first, period.last))
    for plan in plans:
        if (plan.first, plan.last) == (period.first, period.last):
            return ((plan, days),)
    chosen: dict[tuple[date, date], list[date]] = {}
    by_days = {(plan.first, plan.last): plan for plan in plans}
    missing = []
    for day in days:
        holding = [p for p in plans if p.first <= day <= p.last]
        if holding:
            shortest = min(holding, key=lambda p: (p.last - p.first, p.first))
            chosen.setdefault((shortest.first, shortest.last), []).append(day)
        elif calendar.of_day(day):
            missing.append(day)
    if missing and chosen:
        raise NoPlan(
            f"plans cover only a part of {period.text}: {len(missing)} working days from {missing[0]} have none"
        )
    if not chosen:
        raise NoPlan(f"no plan for {period.text}")
    return tuple((by_days[key], tuple(own)) for key, own in chosen.items())


def _part(plan: PlanFact, days: tuple[date, ...], calendar: WorkCalendar, until_ms: int) -> PlanPart:
    expected = sum(_ms(calendar.of_day(day), until_ms) for day in days)
    return PlanPart(plan, expected, _share(plan, days, calendar, until_ms))


def _share(plan: PlanFact, days: tuple[date, ...], calendar: WorkCalendar, until_ms: int | None) -> float:
    """By working hours; by days where the plan's calendar holds no working hours at all."""
    whole = _ms(calendar.of_days(plan.first, plan.last))
    if whole:
        return sum(_ms(calendar.of_day(day), until_ms) for day in days) / whole
    zone = calendar.person.zone
    begun = [d for d in days if until_ms is None or days_bounds(d, d, zone).start_ms < until_ms]
    return len(begun) / ((plan.last - plan.first).days + 1)


def _ms(intervals: Iterable[Interval], until_ms: int | None = None) -> int:
    return sum(i.ms if until_ms is None else max(0, min(i.end_ms, until_ms) - i.start_ms) for i in intervals)


def _averaged(parts: Sequence[PlanPart]) -> Assumptions:
    """Average by expected hours; an assumption that one part lacks is lacking."""
    if len(parts) == 1:
        return parts[0].plan.assumptions
    weight = sum(part.expected_ms for part in parts)
    values: dict[str, float | None] = {}
    for field in fields(Assumptions):
        own = [getattr(part.plan.assumptions, field.name) for part in parts]
        known = all(value is not None for value in own) and weight > 0
        values[field.name] = sum(v * p.expected_ms for v, p in zip(own, parts, strict=True)) / weight if known else None
    return Assumptions(**values)


def _weakest(parts: Sequence[PlanPart]) -> dict[str, str]:
    """Of each assumption the least certain source among the parts."""
    order = ("given", "own", "team", "none")
    names = [field.name for field in fields(Assumptions)]
    return {
        name: max((part.plan.sources.get(name, _default(part.plan, name)) for part in parts), key=order.index)
        for name in names
    }


def _default(plan: PlanFact, name: str) -> str:
    return "none" if getattr(plan.assumptions, name) is None else "given"
