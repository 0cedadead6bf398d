"""What is true of a simulated month: the factors as they really were and what each took from the plan. Pure.

In: a month as it really was, minute by minute. Out: factors with exact contributions, verdicts of overdue tasks.
Never: a figure typed in; and never the product's own code for the same sums, which is what the truth is to check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial, floor

from msgspec import Struct
from planwhy_shared.times import HOUR_MS, Interval

from planwhy_collector.facts import SALES_KINDS, DealFact
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.day import Stretch
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.roster import Member

FACTORS: Mapping[str, tuple[str, ...]] = {
    "attendance": ("attendance",),
    "focus": ("focus",),
    "sales_share": ("sales_share",),
    "contact_rate": ("contact_rate",),
    "follow_up": ("late_share",),
    "conversion": ("conversion_on_time", "conversion_late"),
    "deal_value": ("deal_value",),
    "plan_stretch": ("plan_stretch",),
}
_TALKS = ("sales_call", "service_call")
Quantities = Mapping[str, float]


class TrueFactor(Struct, frozen=True):
    """A factor's plan, its true value, and its exact part of the shortfall."""

    name: str
    plan: float
    actual: float
    contribution: float


class TrueMonth(Struct, frozen=True):
    """The truth of one person and period. `conclusive` says if enough was recorded to see the time factors."""

    period: str
    cause: str
    dominant: str | None
    metric: str
    target: float
    actual: float
    shortfall: float
    recorded_share: float
    conclusive: bool
    factors: tuple[TrueFactor, ...]
    overdue: dict[str, str]


@dataclass(frozen=True, slots=True)
class SimulatedPlan:
    """A plan as imported: the target and the person's usual figures as its assumptions."""

    period: Period
    metric: str
    target: float
    assumptions: Quantities


def planned(member: Member, period: Period, cause: Cause) -> SimulatedPlan:
    """Make the plan that the person's usual figures give, rounded down, stretched where that is the cause."""
    t = member.traits
    calendar = WorkCalendar(member.person)
    assumptions = {
        "expected_hours": sum(i.ms for i in calendar.of_days(period.first, period.last)) / HOUR_MS,
        "attendance": t.attendance,
        "focus": t.focus,
        "sales_share": t.sales_share,
        "contact_rate": t.contact_rate,
        "late_share": t.late_share,
        "conversion_on_time": t.conversion_on_time,
        "conversion_late": t.conversion_late,
        "deal_value": t.deal_value if member.metric == "revenue" else 1.0,
    }
    step = 1_000.0 if member.metric == "revenue" else 1.0
    target = floor(product(assumptions | {"plan_stretch": cause.stretch}) / step) * step
    return SimulatedPlan(period, member.metric, max(step, target), assumptions)


def product(q: Quantities) -> float:
    """The identity (method, section 1)."""
    conversion = (1 - q["late_share"]) * q["conversion_on_time"] + q["late_share"] * q["conversion_late"]
    hours = q["expected_hours"] * q["attendance"] * q["focus"] * q["sales_share"]
    return hours * q["contact_rate"] * conversion * q["deal_value"] * q["plan_stretch"]


def measured(month: Month, plan: Quantities) -> dict[str, float]:
    """The quantities as they really were; one that is undefined takes its planned value (method, section 1)."""
    time = _sums(s for day in month.days for s in day)
    expected = month.frame.expected_ms
    sales, service = time["sales"] + time["sales_call"], time["service"] + time["service_call"]
    work = sales + service + time["general"]
    present = work + time["non_work"] + time["neutral"] + time["unclassified"]
    q = dict(plan) | {"plan_stretch": 1.0, "expected_hours": expected / HOUR_MS}
    _set(q, "attendance", present, expected)
    _set(q, "focus", work, work + time["non_work"])
    _set(q, "sales_share", sales, sales + service)
    hours = q["expected_hours"] * q["attendance"] * q["focus"] * q["sales_share"]
    won = [d for d in month.deals if d.outcome == "won" and d.kind in SALES_KINDS]
    late_wins = sum(d.id in month.late_deals for d in won)
    contacts = [c for c in month.contacts if c.deal_id is not None]
    late = sum(c.deal_id in month.late_deals for c in contacts)
    _set(q, "contact_rate", len(contacts), hours)
    _set(q, "late_share", late, len(contacts))
    _set(q, "conversion_on_time", len(won) - late_wins, len(contacts) - late)
    _set(q, "conversion_late", late_wins, late)
    if plan["deal_value"] != 1.0:
        _set(q, "deal_value", _money(won), len(won))
    return q


def shapley(plan: Quantities, actual: Quantities) -> dict[str, float]:
    """The average effect of each factor over all orders in which they can move from plan to actual."""
    names = list(FACTORS)

    def at(moved: Iterable[str]) -> float:
        return product(dict(plan) | {q: actual[q] for name in moved for q in FACTORS[name]})

    out = dict.fromkeys(names, 0.0)
    for name in names:
        others = [n for n in names if n != name]
        for size in range(len(names)):
            weight = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            out[name] += weight * sum(at(s) - at((*s, name)) for s in combinations(others, size))
    return out


def truth_of(month: Month, plan: SimulatedPlan, overdue: dict[str, str]) -> TrueMonth:
    """Put the truth of a month together. `overdue` holds the verdicts by task."""
    frame = month.frame
    actual = measured(month, plan.assumptions)
    promised = dict(plan.assumptions) | {"expected_hours": actual["expected_hours"], "plan_stretch": 1.0}
    promised["plan_stretch"] = plan.target / product(promised)
    parts = shapley(promised, actual)
    factors = tuple(TrueFactor(n, _shown(n, promised), _shown(n, actual), parts[n]) for n in FACTORS)
    reached = product(actual)
    share = 1 - _unrecorded(month) / max(1, frame.expected_ms - frame.absent_ms)
    return TrueMonth(
        frame.period.text, frame.cause.name, _dominant(frame.cause, share >= 0.6), plan.metric, plan.target, reached,
        plan.target - reached, share, share >= 0.6, factors, overdue,
    )  # fmt: skip


def _unrecorded(month: Month) -> int:
    """Working time without a word from the agent; a talk that the CRM knows is recorded all the same."""
    silent = 0
    for day, seen in zip(month.days, month.frame.days, strict=True):
        away = Interval(day[0].start_ms, day[-1].end_ms) if seen.silent else seen.hole
        silent += sum(Interval(s.start_ms, s.end_ms).cut(away).ms for s in day if s.kind not in _TALKS)
    return silent


def _dominant(cause: Cause, conclusive: bool) -> str | None:
    """Where time cannot explain, contacts stand for the time factors (method, sections 1 and 3)."""
    return "contacts" if not conclusive and cause.dominant in list(FACTORS)[:4] else cause.dominant


def _shown(name: str, q: Quantities) -> float:
    if name != "conversion":
        return q[FACTORS[name][0]]
    return (1 - q["late_share"]) * q["conversion_on_time"] + q["late_share"] * q["conversion_late"]


def _sums(stretches: Iterable[Stretch]) -> dict[str, int]:
    kinds = ("sales", "service", "general", "non_work", "neutral", "unclassified", "sales_call", "service_call")
    out = dict.fromkeys((*kinds, "idle", "locked"), 0)
    for one in stretches:
        out[one.kind] += one.ms
    return out


def _set(q: dict[str, float], name: str, part: float, whole: float) -> None:
    if whole > 0:
        q[name] = part / whole


def _money(won: Iterable[DealFact]) -> float:
    return float(sum(d.amount for d in won if d.amount is not None))
