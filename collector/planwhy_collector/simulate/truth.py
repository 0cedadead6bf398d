"""What is true of a simulated month: factors, their parts of the shortfall, what was hidden, verdicts. Pure.

In: a month as it really was, what was seen of it, its plan. Out: a TrueMonth. Never: a figure typed in, and never
the product's own code for the same sums, which is what the truth is to check.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import floor

from msgspec import Struct
from planwhy_shared.times import HOUR_MS

from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.drawing import at_most
from planwhy_collector.simulate.latent import latent_of, overall
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.reality import (
    CONTACTS,
    FACTORS,
    Quantities,
    conversion,
    counts_of,
    product,
    realised,
    shapley,
)
from planwhy_collector.simulate.roster import Member
from planwhy_collector.simulate.seeing import View
from planwhy_collector.simulate.verdicts import TrueVerdict

_LATENT = ("follow_up", "conversion", "deal_value")
_WITHIN = 0.2
_LEAST_COVERAGE = 0.6


class TrueFactor(Struct, frozen=True):
    """A factor's plan, its true value, and its exact part of the shortfall.

    `latent` is the figure that lies behind the drawn one, `latent_contribution` the part that it takes with all other
    factors as they came out; None where the method gives no interval for it.
    """

    name: str
    plan: float
    actual: float
    contribution: float
    latent: float | None = None
    latent_contribution: float | None = None


class TrueHidden(Struct, frozen=True):
    """What the time that could not be seen really was, hours by kind."""

    share: float
    unclassified: dict[str, float]
    unrecorded: dict[str, float]


class TrueMonth(Struct, frozen=True):
    """The truth of one person and period. `conclusive` says if enough was recorded to see the time factors.

    `contacts` holds the factors as they are where not; `parts` what a mixture is made of; `bare` a plan without
    assumptions; `within_chance` what the method says of the true counts.
    """

    period: str
    cause: str
    parts: tuple[str, ...]
    dominant: str | None
    metric: str
    target: float
    actual: float
    shortfall: float
    bare: bool
    recorded_share: float
    conclusive: bool
    within_chance: bool
    factors: tuple[TrueFactor, ...]
    contacts: tuple[TrueFactor, ...]
    hidden: TrueHidden
    overdue: dict[str, TrueVerdict]


@dataclass(frozen=True, slots=True)
class SimulatedPlan:
    """A plan as imported: the target, and the person's usual figures as its assumptions unless it is `bare`."""

    period: Period
    metric: str
    target: float
    assumptions: Quantities
    bare: bool = False


def planned(member: Member, period: Period, cause: Cause, bare: bool = False) -> SimulatedPlan:
    """Make the plan that the person's usual figures give, rounded down, stretched where that is the cause."""
    calendar = WorkCalendar(member.person)
    hours = sum(i.ms for i in calendar.of_days(period.first, period.last)) / HOUR_MS
    assumptions = {"expected_hours": hours} | asdict(latent_of(member, Cause("none")))
    step = 1_000.0 if member.metric == "revenue" else 1.0
    target = floor(product(assumptions | {"plan_stretch": cause.stretch}) / step) * step
    return SimulatedPlan(period, member.metric, max(step, target), assumptions, bare)


def truth_of(month: Month, view: View, plan: SimulatedPlan, overdue: dict[str, TrueVerdict]) -> TrueMonth:
    """Put the truth of a month together. `overdue` holds the verdicts by task."""
    frame, cause = month.frame, month.frame.cause
    actual = realised(month, plan.assumptions)
    promised = dict(plan.assumptions) | {"expected_hours": actual["expected_hours"], "plan_stretch": 1.0}
    promised["plan_stretch"] = plan.target / product(promised)
    behind = _behind(month, actual, promised)
    hidden = _hidden(view)
    share = 1 - sum(hidden.unrecorded.values()) * HOUR_MS / max(1, frame.expected_ms - frame.absent_ms)
    conclusive = share >= _LEAST_COVERAGE
    return TrueMonth(
        frame.period.text, cause.name, cause.parts, _dominant(cause, conclusive), plan.metric, plan.target,
        product(actual), plan.target - product(actual), plan.bare, share, conclusive, _within_chance(month),
        _factors(promised, actual, behind, FACTORS), _factors(promised, actual, behind, CONTACTS), hidden, overdue,
    )  # fmt: skip


def _behind(month: Month, actual: Quantities, promised: Quantities) -> dict[str, float]:
    """The latent figures; a side without contacts keeps the plan's conversion, for nothing could be drawn from it."""
    latent: dict[str, float] = asdict(latent_of(month.frame.member, month.frame.cause))
    contacts, late, won, _ = counts_of(month)
    for name, drawn in (("conversion_on_time", contacts - late), ("conversion_late", late), ("deal_value", won)):
        if not drawn:
            latent[name] = promised[name]
    return dict(actual) | latent


def _factors(
    promised: Quantities, actual: Quantities, behind: Quantities, factors: Mapping[str, tuple[str, ...]]
) -> tuple[TrueFactor, ...]:
    parts = shapley(promised, actual, factors)
    lying = ("conversion_on_time", "conversion_late")
    converted = shapley(promised, dict(actual) | {q: behind[q] for q in lying}, factors)
    valued = shapley(promised, dict(actual) | {"deal_value": behind["deal_value"]}, factors)
    latent = {"follow_up": converted, "conversion": converted, "deal_value": valued}
    return tuple(
        TrueFactor(
            name, _shown(name, promised), _shown(name, actual), parts[name], _shown(name, behind),
            latent[name][name] if name in _LATENT else None,
        )
        for name in factors
    )  # fmt: skip


def _hidden(view: View) -> TrueHidden:
    unclassified: Counter[str] = Counter()
    unrecorded: Counter[str] = Counter()
    for day in view.days:
        for seen in day:
            if not seen.recorded:
                unrecorded[seen.kind] += seen.end_ms - seen.start_ms
            elif seen.strange:
                unclassified[seen.kind] += seen.end_ms - seen.start_ms
    return TrueHidden(view.hidden, _hours(unclassified), _hours(unrecorded))


def _hours(spent: Mapping[str, int]) -> dict[str, float]:
    return {kind: ms / HOUR_MS for kind, ms in sorted(spent.items())}


def _within_chance(month: Month) -> bool:
    """Whether so few contracts, or fewer, come at the planned conversion with at least the method's probability."""
    contacts, _, won, _ = counts_of(month)
    return at_most(won, contacts * overall(month.frame.member.traits)) >= _WITHIN


def _dominant(cause: Cause, conclusive: bool) -> str | None:
    """Where time cannot explain, contacts stand for the time factors (method, sections 1 and 3)."""
    return "contacts" if not conclusive and cause.dominant in CONTACTS["contacts"] else cause.dominant


def _shown(name: str, q: Quantities) -> float:
    if name == "contacts":
        return q["expected_hours"] * q["attendance"] * q["focus"] * q["sales_share"] * q["contact_rate"]
    return conversion(q) if name == "conversion" else q[FACTORS[name][0]]
