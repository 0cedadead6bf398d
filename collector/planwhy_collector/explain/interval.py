"""How far each contribution could be from its point: from hidden time, and from small numbers.

In: what was measured, what tells of hidden time, and the two sides. Out: for each factor's contribution a low and a
high that hold the truth nine times in ten, and the bounds that hidden time sets. Never: a point outside its interval.

- Hidden time: the module `hidden`. Its bounds are unrecorded time all absent or all present, and unclassified time all
  work or all non-work (method, sections 2 and 3). Contacts are counted, not estimated: where there were more sales
  hours, each of them held fewer contacts. Where too few days are recorded to tell how they differ, the bounds are the
  interval.
- Conversion and follow-up: C contracts from N contacts are Poisson with mean N q, on the late and on the on-time side
  each with a rate of its own; with Jeffreys' prior q has the posterior Gamma(C + 1/2, rate N). One rate for both
  would leave out what a handful of late contacts tells least of: how much lateness costs, which is all that
  follow-up rests on. The identity is linear in the two rates and so is every Shapley value: a contribution is
  a + b q1 + c q2, and its 5 % and 95 % quantiles are read off a grid of the quantiles of both.
- Deal value: amounts are taken as gamma distributed. With C contracts of mean m and squared variation
  v = (sum (x - m)^2 / m^2 + 1) / C, that is, one made-up contract as varied as an exponential one, the mean's
  posterior is m k / Gamma(k, 1) with k = C / v.

Both kinds of doubt are independent, so that their widths add up as squares do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import hypot

from planwhy_collector.explain.hidden import LEVEL, Hidden, moved_to, reach_of_hidden
from planwhy_collector.explain.identity import Sides, moved
from planwhy_collector.plan.measured import Measured, SalesCounts, TimeSplit
from planwhy_collector.plan.shapley import shapley

TAIL = (1 - LEVEL) / 2
"""Below the low and above the high."""
GRID = 64
"""Quantiles taken of each conversion."""
CONVERTED = ("follow_up", "conversion")
NOTHING_HIDDEN = Hidden()

Ends = tuple[float, float]
"""A low and a high."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A factor's part of the shortfall, in the metric's unit: low <= value <= high, with LEVEL.

    `bounds` are the least and the greatest part that hidden time allows, whatever it was.
    """

    factor: str
    value: float
    low: float
    high: float
    bounds: Ends


def contributions(sides: Sides, measured: Measured, hidden: Hidden = NOTHING_HIDDEN) -> tuple[Contribution, ...]:
    """Divide the shortfall among the factors, each part with its interval."""
    points = _parts(sides)
    bounds = _bounds(sides, measured.time, points)
    reach = _reach(sides, measured.time, hidden)
    counted = _counted(sides, measured.sales)
    return tuple(
        _with_interval(name, point, bounds[name], None if reach is None else reach[name], counted.get(name))
        for name, point in points.items()
    )


def rate_quantiles(events: float, exposure: float, shares: Iterable[float]) -> list[float]:
    """Quantiles of a rate from so many events in so much exposure (> 0), with Jeffreys' prior."""
    return [_gamma_quantile(events + 0.5, share) / exposure for share in shares]


def mean_bounds(amounts: tuple[float, ...]) -> Ends:
    """Bounds of the mean amount behind some amounts; of nothing, or of zeros, the mean itself."""
    mean = sum(amounts) / len(amounts) if amounts else 0.0
    if mean <= 0:
        return mean, mean
    variation = (sum((x / mean - 1) ** 2 for x in amounts) + 1) / len(amounts)
    shape = len(amounts) / variation
    high = mean * shape / max(_gamma_quantile(shape, TAIL), 1e-9)
    return min(mean, mean * shape / _gamma_quantile(shape, 1 - TAIL)), max(mean, high)


def _with_interval(name: str, point: float, bounds: Ends, reach: float | None, counted: Ends | None) -> Contribution:
    """Put both kinds of doubt together; `reach` None: nothing but the bounds is known of hidden time."""
    below, above = (point - bounds[0], bounds[1] - point) if reach is None else (reach, reach)
    low, high = counted or (point, point)
    ends = point - hypot(below, max(0.0, point - low)), point + hypot(above, max(0.0, high - point))
    return Contribution(name, point, *ends, bounds)


def _parts(sides: Sides) -> dict[str, float]:
    """Contributions to target - actual: what the value loses as factors move. Rounding goes to the largest."""
    gains = shapley(len(sides.factors), moved(sides).__getitem__)
    parts = {name: 0.0 - gain for name, gain in zip(sides.factors, gains, strict=True)}
    largest = max(parts, key=lambda name: abs(parts[name]))
    parts[largest] += (sides.plan.value - sides.actual.value) - sum(parts.values())
    return parts


def _reach(sides: Sides, time: TimeSplit, hidden: Hidden) -> dict[str, float] | None:
    """How far hidden time reaches; where contacts stand for the time factors it moves nothing."""
    if sides.actual.contacts is not None:
        return dict.fromkeys(sides.factors, 0.0)
    return reach_of_hidden(sides.actual, time, hidden, lambda actual: _parts(replace(sides, actual=actual)))


def _bounds(sides: Sides, time: TimeSplit, points: Mapping[str, float]) -> dict[str, Ends]:
    """The least and the greatest part of each factor at the extremes of hidden time."""
    actual = sides.actual
    ends = [dict(points)]
    if actual.contacts is None:
        shares = product(_either(actual.attendance, time.attendance_bounds), _either(actual.focus, time.focus_bounds))
        moves = (moved_to(actual, attendance=attendance, focus=focus) for attendance, focus in shares)
        ends += [_parts(replace(sides, actual=side)) for side in moves if side != actual]
    return {name: (min(one[name] for one in ends), max(one[name] for one in ends)) for name in points}


def _either(point: float, bounds: tuple[float | None, float | None]) -> set[float]:
    return {point, *(bound for bound in bounds if bound is not None)}


def _counted(sides: Sides, sales: SalesCounts) -> dict[str, Ends]:
    """The ends that small numbers leave open, by factor."""
    found = _converted(sides, sales) if sales.contacts else {}
    if sales.contracts and (sides.actual.deal_value != 1.0 or sides.plan.deal_value != 1.0):
        sides_at = (replace(sides, actual=replace(sides.actual, deal_value=v)) for v in mean_bounds(sales.amounts))
        low, high = sorted(_parts(side)["deal_value"] for side in sides_at)
        found["deal_value"] = low, high
    return found


def _converted(sides: Sides, sales: SalesCounts) -> dict[str, Ends]:
    """Both ends of the contributions that rest on the two conversions."""
    at_zero, per_on_time, per_late = (_with_rates(sides, *rates) for rates in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
    shares = [(n + 0.5) / GRID for n in range(GRID)]
    on_time = _possible(sales.contracts_on_time, sales.contacts_on_time, sides.actual.conversion_on_time, shares)
    late = _possible(sales.contracts_late, sales.contacts_late, sides.actual.conversion_late, shares)
    ends: dict[str, Ends] = {}
    for name in CONVERTED:
        base, first, second = at_zero[name], per_on_time[name] - at_zero[name], per_late[name] - at_zero[name]
        found = sorted(base + first * a + second * b for a in on_time for b in late)
        ends[name] = found[int(TAIL * len(found))], found[-1 - int(TAIL * len(found))]
    return ends


def _with_rates(sides: Sides, on_time: float, late: float) -> dict[str, float]:
    return _parts(replace(sides, actual=replace(sides.actual, conversion_on_time=on_time, conversion_late=late)))


def _possible(contracts: int, contacts: int, point: float, shares: list[float]) -> list[float]:
    """Quantiles of one side's conversion; a side without contacts keeps the value it took from the plan."""
    return rate_quantiles(contracts, contacts, shares) if contacts else [point]


def _gamma_quantile(shape: float, share: float) -> float:
    from scipy.special import gammaincinv  # noqa: PLC0415  a heavy import that most commands never need

    return float(gammaincinv(shape, share))
