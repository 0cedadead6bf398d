"""The identity: the plan metric as a product of measured quantities, on the plan's side and on the actual side.

In: what was measured and what the plan assumed. Out: two sides with every quantity defined. Never: a comparison.

A ratio that is undefined on one side takes the other side's value, so that it contributes nothing and the shortfall
falls on the factor that really went to zero. Where the assumptions multiply to nothing, the target cannot be a
multiple of them: then plan_stretch carries it as a sum (`added`) instead of a factor.
"""

from dataclasses import dataclass, fields, replace
from math import isfinite

from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import Assumptions
from planwhy_collector.plan.measured import Measured, ratio

TIME_FACTORS = ("attendance", "focus", "sales_share", "contact_rate")
FACTORS = (*TIME_FACTORS, "follow_up", "conversion", "deal_value", "plan_stretch")
CONTACT_FACTORS = ("contacts", "follow_up", "conversion", "deal_value", "plan_stretch")

_NEUTRAL = {"late_share": 0.0}
_SCALES = ("contact_rate", "deal_value", "conversion_on_time")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the identity. `contacts` None: they follow from the four time factors; else it replaces them."""

    expected_hours: float
    attendance: float
    focus: float
    sales_share: float
    contact_rate: float
    late_share: float
    conversion_on_time: float
    conversion_late: float
    deal_value: float
    plan_stretch: float = 1.0
    added: float = 0.0
    contacts: float | None = None

    @property
    def timed_contacts(self) -> float:
        """Sales contacts that the time factors give."""
        hours = self.expected_hours * self.attendance * self.focus * self.sales_share
        return hours * self.contact_rate

    @property
    def conversion(self) -> float:
        """Contracts per sales contact, late and on time together."""
        return (1 - self.late_share) * self.conversion_on_time + self.late_share * self.conversion_late

    @property
    def value(self) -> float:
        """The metric."""
        contacts = self.timed_contacts if self.contacts is None else self.contacts
        return contacts * self.conversion * self.deal_value * self.plan_stretch + self.added


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, the factors that move from one to the other, and the assumptions that nobody knew."""

    plan: Side
    actual: Side
    factors: tuple[str, ...]
    unknown: frozenset[str] = frozenset()


Values = dict[str, float | None]


def two_sides(measured: Measured, assumed: Assumptions, target: float, metric: str, timed: bool) -> Sides:
    """Define both sides. `target` is in the metric's unit; `timed` False replaces the time factors by contacts."""
    plan = _assumed(assumed, metric)
    actual = _measured(measured, metric, plan)
    unknown = frozenset(name for name, value in plan.items() if value is None and name != "expected_hours")
    hours = measured.time.expected / HOUR_MS
    _fill_conversions(plan, actual)
    both = _scaled({n for n in plan if plan[n] is None and actual[n] is None}, plan, actual, hours, target)
    plan_side = _side(hours, {**both, **_known(actual), **_known(plan)})
    actual_side = _side(hours, {**both, **_known(plan), **_known(actual)})
    if not timed:
        made = float(measured.sales.contacts)
        guessed = unknown & set(TIME_FACTORS)
        plan_side = replace(plan_side, contacts=made if guessed else plan_side.timed_contacts)
        actual_side = replace(actual_side, contacts=made)
    return Sides(_stretched(plan_side, target), actual_side, FACTORS if timed else CONTACT_FACTORS, unknown)


def moved(sides: Sides) -> list[float]:
    """The metric for each set of factors moved from plan to actual: bit i of the index says that factor i has moved.

    What `Side.value` gives, in the same order of operations; sets share what they have in common.
    """
    plan, actual = ends = sides.plan, sides.actual
    if plan.contacts is None or actual.contacts is None:
        values = [plan.expected_hours]
        for name in TIME_FACTORS:
            values = [value * getattr(side, name) for side in ends for value in values]
    else:
        values = [plan.contacts, actual.contacts]
    shares = ((rates, late.late_share) for rates in ends for late in ends)
    conversions = [(1 - late) * rates.conversion_on_time + late * rates.conversion_late for rates, late in shares]
    values = [value * conversion for conversion in conversions for value in values]
    values = [value * side.deal_value for side in ends for value in values]
    return [value * side.plan_stretch + side.added for side in ends for value in values]


def figures(sides: Sides, factor: str) -> tuple[float, float]:
    """The plan's and the actual figure of a factor: of follow_up the late share, of conversion contracts per contact.

    Where plan_stretch is a sum and not a factor, its figures are the target and 0.
    """
    if factor == "plan_stretch" and sides.plan.added:
        return sides.plan.added, 0.0
    name = "late_share" if factor == "follow_up" else factor
    return getattr(sides.plan, name), getattr(sides.actual, name)


def _measured(measured: Measured, metric: str, plan: Values) -> Values:
    """What was measured. Contacts are divided by the hours that the identity gives, planned shares included."""
    time, sales = measured.time, measured.sales
    shares = {"attendance": time.attendance, "focus": time.focus, "sales_share": time.sales_share}
    hours = time.expected / HOUR_MS
    for name, share in shares.items():
        assumed = plan[name]
        hours *= share if share is not None else 1.0 if assumed is None else assumed
    return {
        **shares,
        "contact_rate": ratio(sales.contacts, hours),
        "late_share": sales.late_share,
        "conversion_on_time": sales.conversion_on_time,
        "conversion_late": sales.conversion_late,
        "deal_value": sales.deal_value if metric == "revenue" else 1.0,
    }


def _assumed(assumed: Assumptions, metric: str) -> Values:
    values: Values = {f.name: getattr(assumed, f.name) for f in fields(assumed) if f.name != "expected_hours"}
    if metric != "revenue":
        values["deal_value"] = 1.0
    return values


def _known(values: Values) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def _fill_conversions(plan: Values, actual: Values) -> None:
    """Where no history and no contact tells one side's conversion, the other side's stands for it."""
    for name, other in (("conversion_late", "conversion_on_time"), ("conversion_on_time", "conversion_late")):
        if plan[name] is None and actual[name] is None:
            plan[name] = plan[other]
            actual[name] = actual[other] if plan[other] is None else None


def _scaled(names: set[str], plan: Values, actual: Values, hours: float, target: float) -> dict[str, float]:
    """Values for what neither side knows: neutral ones, and the first scale so that the plan gives the target."""
    values = {name: _NEUTRAL.get(name, 1.0) for name in names}
    free = next((name for name in _SCALES if name in names), None)
    if free is None:
        return values
    given = _side(hours, {**values, **_known(actual), **_known(plan)}).value
    scale = target / given if given > 0 else 1.0
    moving = ("conversion_on_time", "conversion_late") if free == "conversion_on_time" else (free,)
    return values | {name: scale for name in moving if name in names and isfinite(scale) and scale > 0}


def _side(hours: float, values: dict[str, float]) -> Side:
    return Side(expected_hours=hours, **values)


def _stretched(plan: Side, target: float) -> Side:
    """Let the plan's side give exactly the target."""
    stretch = target / plan.value if plan.value > 0 else float("inf")
    if isfinite(stretch):
        return replace(plan, plan_stretch=stretch)
    return replace(plan, added=target)
