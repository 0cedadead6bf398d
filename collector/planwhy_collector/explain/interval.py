"""How far each contribution could be from its point: from time of which little is known, and from small numbers.

In: what was measured and the two sides. Out: a low and a high for each factor's contribution. Never: a point
outside its interval.

- Time: unclassified time all work or all non-work, unrecorded time all absent or all present (method, section 3).
  Contacts are counted, not estimated: where there were more sales hours, each of them held fewer contacts.
- Conversion, and with it follow-up: C contracts from N contacts are Poisson with mean N q; with Jeffreys' prior
  q has the posterior Gamma(C + 1/2, rate N), of which the 5 % and 95 % quantiles are taken.
- Deal value: amounts are taken as gamma distributed. With C contracts of mean m and squared variation
  v = (sum (x - m)^2 / m^2 + 1) / C, that is, one made-up contract as varied as an exponential one, the mean's
  posterior is m k / Gamma(k, 1) with k = C / v.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

from planwhy_collector.explain.identity import Side, Sides, moved
from planwhy_collector.plan.measured import Measured, SalesCounts, TimeSplit, ratio
from planwhy_collector.plan.shapley import shapley

TAIL = 0.05
"""Below the low and above the high: an interval of 90 %."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A factor's part of the shortfall, in the metric's unit; low <= value <= high."""

    factor: str
    value: float
    low: float
    high: float


def contributions(sides: Sides, measured: Measured) -> tuple[Contribution, ...]:
    """Divide the shortfall among the factors, each part with its interval."""
    points = _parts(sides)
    lows, highs = dict(points), dict(points)
    for scenario, factors in _scenarios(sides, measured):
        parts = _parts(scenario)
        for name in factors:
            lows[name] = min(lows[name], parts[name])
            highs[name] = max(highs[name], parts[name])
    return tuple(Contribution(name, points[name], lows[name], highs[name]) for name in sides.factors)


def rate_bounds(events: float, exposure: float) -> tuple[float, float]:
    """Bounds of 90 % of a rate from so many events in so much exposure (> 0), with Jeffreys' prior."""
    return _gamma_quantile(events + 0.5, TAIL) / exposure, _gamma_quantile(events + 0.5, 1 - TAIL) / exposure


def mean_bounds(amounts: tuple[float, ...]) -> tuple[float, float]:
    """Bounds of 90 % of the mean amount behind some amounts; of nothing, or of zeros, the mean itself."""
    mean = sum(amounts) / len(amounts) if amounts else 0.0
    if mean <= 0:
        return mean, mean
    variation = (sum((x / mean - 1) ** 2 for x in amounts) + 1) / len(amounts)
    shape = len(amounts) / variation
    high = mean * shape / max(_gamma_quantile(shape, TAIL), 1e-9)
    return min(mean, mean * shape / _gamma_quantile(shape, 1 - TAIL)), max(mean, high)


def _parts(sides: Sides) -> dict[str, float]:
    """Contributions to target - actual: what the value loses as factors move. Rounding goes to the largest."""
    gains = shapley(len(sides.factors), lambda mask: moved(sides, mask))
    parts = {name: 0.0 - gain for name, gain in zip(sides.factors, gains, strict=True)}
    largest = max(parts, key=lambda name: abs(parts[name]))
    parts[largest] += (sides.plan.value - sides.actual.value) - sum(parts.values())
    return parts


def _scenarios(sides: Sides, measured: Measured) -> Iterable[tuple[Sides, tuple[str, ...]]]:
    if sides.actual.contacts is None:
        for actual in _time_scenarios(sides.actual, measured):
            yield replace(sides, actual=actual), sides.factors
    for actual in _conversion_scenarios(sides.actual, measured.sales):
        yield replace(sides, actual=actual), ("follow_up", "conversion")
    if sides.actual.deal_value != 1.0 or sides.plan.deal_value != 1.0:
        for value in mean_bounds(measured.sales.amounts):
            if measured.sales.contracts:
                yield replace(sides, actual=replace(sides.actual, deal_value=value)), ("deal_value",)


def _time_scenarios(actual: Side, measured: Measured) -> Iterable[Side]:
    """Attendance and focus at their points and extremes; contacts stay, so that their rate follows."""
    time = measured.time
    contacts = actual.timed_contacts
    for attendance, focus in product(_attendances(actual, time), _focuses(actual, time)):
        hours = actual.expected_hours * attendance * focus * actual.sales_share
        rate = ratio(contacts, hours) if contacts else actual.contact_rate
        if rate is not None:
            yield replace(actual, attendance=attendance, focus=focus, contact_rate=rate)


def _attendances(actual: Side, time: TimeSplit) -> set[float]:
    if not time.unrecorded:
        return {actual.attendance}
    return {actual.attendance, time.present / time.expected, (time.present + time.unrecorded) / time.expected}


def _focuses(actual: Side, time: TimeSplit) -> set[float]:
    known = time.work + time.non_work
    if not time.unclassified:
        return {actual.focus}
    whole = known + time.unclassified
    return {actual.focus, time.work / whole, (time.work + time.unclassified) / whole}


def _conversion_scenarios(actual: Side, sales: SalesCounts) -> Iterable[Side]:
    """Both conversions at the bounds of the overall one, in proportion to their points."""
    if not sales.contacts:
        return
    overall = sales.contracts / sales.contacts
    for rate in rate_bounds(sales.contracts, sales.contacts):
        scale = _scale(overall, rate)
        yield replace(
            actual,
            conversion_on_time=scale(actual.conversion_on_time, sales.contacts_on_time),
            conversion_late=scale(actual.conversion_late, sales.contacts_late),
        )


def _scale(overall: float, rate: float) -> Callable[[float, int], float]:
    """A side without contacts keeps the value it took from the plan."""
    if not overall:
        return lambda point, contacts: rate if contacts else point
    return lambda point, contacts: point * rate / overall if contacts else point


def _gamma_quantile(shape: float, share: float) -> float:
    from scipy.special import gammaincinv  # noqa: PLC0415  a heavy import that most commands never need

    return float(gammaincinv(shape, share))
