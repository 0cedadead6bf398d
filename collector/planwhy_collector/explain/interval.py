"""How far each contribution could be from its point: from time of which little is known, and from small numbers.

In: what was measured and the two sides. Out: a low and a high for each factor's contribution. Never: a point
outside its interval.

- Time: unrecorded time all absent or all present, unclassified time all sales, all service or all non-work (method,
  section 3; module `unknown_time`). Contacts are counted, not estimated: where there were more sales hours, each of
  them held fewer contacts.
- Conversion and follow-up: C contracts from N contacts are Poisson with mean N q, on the late and on the on-time side
  each with a rate of its own; with Jeffreys' prior q has the posterior Gamma(C + 1/2, rate N). One rate for both
  would leave out what a handful of late contacts tells least of: how much lateness costs, which is all that
  follow-up rests on. The identity is linear in the two rates and so is every Shapley value: a contribution is
  a + b q1 + c q2, and its 5 % and 95 % quantiles are read off a grid of the quantiles of both.
- Deal value: amounts are taken as gamma distributed. With C contracts of mean m and squared variation
  v = (sum (x - m)^2 / m^2 + 1) / C, that is, one made-up contract as varied as an exponential one, the mean's
  posterior is m k / Gamma(k, 1) with k = C / v.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from planwhy_collector.explain.identity import Side, Sides, moved
from planwhy_collector.explain.shapley import shapley
from planwhy_collector.explain.unknown_time import Mix, attendances, mixes
from planwhy_collector.plan.measured import Measured, SalesCounts, ratio

TAIL = 0.05
"""Below the low and above the high: an interval of 90 %."""
GRID = 64
"""Quantiles taken of each conversion."""
CONVERTED = ("follow_up", "conversion")
SMALL_NUMBERS = (*CONVERTED, "deal_value")
"""Factors whose doubt is that of small numbers; unknown time shifts them by far less than their width."""


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
    for bounds in _bounds(sides, measured):
        for name, part in bounds.items():
            lows[name] = min(lows[name], part)
            highs[name] = max(highs[name], part)
    return tuple(Contribution(name, points[name], lows[name], highs[name]) for name in sides.factors)


def rate_quantiles(events: float, exposure: float, shares: Iterable[float]) -> list[float]:
    """Quantiles of a rate from so many events in so much exposure (> 0), with Jeffreys' prior."""
    return [_gamma_quantile(events + 0.5, share) / exposure for share in shares]


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


def _bounds(sides: Sides, measured: Measured) -> Iterable[dict[str, float]]:
    """Contributions that are possible, for those factors that the possibility speaks of."""
    if sides.actual.contacts is None:
        for actual in _time_scenarios(sides.actual, measured):
            parts = _parts(replace(sides, actual=actual))
            yield {name: part for name, part in parts.items() if name not in SMALL_NUMBERS}
    if measured.sales.contacts:
        yield from _converted(sides, measured.sales)
    if measured.sales.contracts and (sides.actual.deal_value != 1.0 or sides.plan.deal_value != 1.0):
        for value in mean_bounds(measured.sales.amounts):
            scenario = replace(sides, actual=replace(sides.actual, deal_value=value))
            yield {"deal_value": _parts(scenario)["deal_value"]}


def _time_scenarios(actual: Side, measured: Measured) -> Iterable[Side]:
    """What the unknown time may have been; contacts stay, so that their rate follows."""
    time = measured.time
    contacts = actual.timed_contacts
    for attendance in attendances(actual.attendance, time):
        for mix in mixes(Mix(actual.focus, actual.sales_share), time):
            hours = actual.expected_hours * attendance * mix.focus * mix.sales_share
            rate = ratio(contacts, hours) if contacts else actual.contact_rate
            if rate is not None:
                yield replace(
                    actual, attendance=attendance, focus=mix.focus, sales_share=mix.sales_share, contact_rate=rate
                )


def _converted(sides: Sides, sales: SalesCounts) -> Iterable[dict[str, float]]:
    """Both ends of the contributions that rest on the two conversions."""
    at_zero, per_on_time, per_late = (_with_rates(sides, *rates) for rates in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
    shares = [(n + 0.5) / GRID for n in range(GRID)]
    on_time = _possible(sales.contracts_on_time, sales.contacts_on_time, sides.actual.conversion_on_time, shares)
    late = _possible(sales.contracts_late, sales.contacts_late, sides.actual.conversion_late, shares)
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for name in CONVERTED:
        base, first, second = at_zero[name], per_on_time[name] - at_zero[name], per_late[name] - at_zero[name]
        found = sorted(base + first * a + second * b for a in on_time for b in late)
        low[name], high[name] = found[int(TAIL * len(found))], found[-1 - int(TAIL * len(found))]
    yield from (low, high)


def _with_rates(sides: Sides, on_time: float, late: float) -> dict[str, float]:
    return _parts(replace(sides, actual=replace(sides.actual, conversion_on_time=on_time, conversion_late=late)))


def _possible(contracts: int, contacts: int, point: float, shares: list[float]) -> list[float]:
    """Quantiles of one side's conversion; a side without contacts keeps the value it took from the plan."""
    return rate_quantiles(contracts, contacts, shares) if contacts else [point]


def _gamma_quantile(shape: float, share: float) -> float:
    from scipy.special import gammaincinv  # noqa: PLC0415  a heavy import that most commands never need

    return float(gammaincinv(shape, share))
