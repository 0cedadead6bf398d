"""Where a running plan stands and where it may end. In: a plan as it runs. Out: its pace, and a forecast with bounds.

Never: a number without its interval, a forecast before the first working hour, or anything of how time was spent.

Hours are working hours without approved absence, so that whoever was away with approval is not behind, and known
absence ahead brings nothing. Contracts are rare events: with the rate Gamma(a, b) distributed beforehand, n contracts
in h hours make it Gamma(a + n, b + h), and the number in the r hours that are left is negative binomial with size
a + n and p = (b + h) / (b + h + r). The plan's own rate is the mean beforehand, and it weighs as much as the hours in
which the plan expects PRIOR_CONTRACTS. Contracts are whole, so that their interval holds 90 % or a little more.

Revenue is a sum of so many amounts. The plan's deal value counts as k = K_CONTRACTS contracts beside the c so far, as
varied as exponential ones: this gives the amounts' mean m and squared variation v = (sum (x / m - 1)² + k) / (c + k).
The sum is taken as zero with the probability of no contract, and else as gamma distributed with the mean and variance
of the compound sum, the last term for the mean's own uncertainty:

    E = E[N] m,    Var = E[N] v m² + Var[N] m² + E[N]² v m² / (c + k)
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from planwhy_collector.plan.assume import K_CONTRACTS
from planwhy_collector.plan.measured import ratio

PRIOR_CONTRACTS = 1.0
LEVEL = 0.9
TAIL = 0.05
LEAST_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    """A plan as it runs. `whole` hours are the calendar's; `passed` and `left` are those without approved absence.

    `amounts` are of the contracts so far, `deal_value` what a contract brings by the plan or by history; both count
    for plans of revenue only.
    """

    metric: str
    currency: str | None
    target: float
    whole: float
    passed: float
    left: float
    contracts: int
    amounts: tuple[float, ...] = ()
    deal_value: float | None = None

    @property
    def actual(self) -> float:
        """The metric so far."""
        return sum(self.amounts) if self.metric == "revenue" else float(self.contracts)

    @property
    def share(self) -> float:
        """The share of the period's working hours that has passed, 0-1."""
        return ratio(self.passed, self.whole) or 0.0

    @property
    def due(self) -> float:
        """What of the target was due so far."""
        return self.target * self.share

    @property
    def pace(self) -> float | None:
        """What was reached over what was due; None where nothing was due."""
        return ratio(self.actual, self.due)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a plan may end: expected value, bounds of 90 %, and the probability (0-1) of reaching the target."""

    value: float
    low: float
    high: float
    probability: float


@dataclass(frozen=True, slots=True)
class _Rest:
    """Contracts still to come, negative binomial: P(N = 0) = p ** size."""

    size: float
    p: float

    @property
    def mean(self) -> float:
        return self.size * (1 - self.p) / self.p

    @property
    def variance(self) -> float:
        return self.mean / self.p

    def at_most(self, count: float) -> float:
        """P(N <= count)."""
        from scipy.special import betainc  # noqa: PLC0415  a heavy import that most commands never need

        return float(betainc(self.size, count + 1, self.p)) if count >= 0 else 0.0

    def quantile(self, share: float) -> int:
        """The least count that is not exceeded with this probability."""
        high = 1
        while self.at_most(high) < share:
            high *= 2
        low = -1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.at_most(middle) >= share else (middle, high)
        return high


def forecast(run: Running) -> Forecast | None:
    """Where the plan may end; None before the first working hour, or where nobody knows what a contract brings."""
    if run.passed < LEAST_HOURS:
        return None
    if not run.left:
        return _at_its_end(run)
    if run.metric != "revenue":
        return _of_contracts(run)
    value = run.deal_value or ratio(sum(run.amounts), len(run.amounts))
    return _of_revenue(run, value) if value else None


def _rest(run: Running, value: float) -> _Rest:
    """Contracts to come, where one brings `value` of the target."""
    before = PRIOR_CONTRACTS * run.whole * value / run.target
    known = before + run.passed
    return _Rest(PRIOR_CONTRACTS + run.contracts, known / (known + run.left))


def _of_contracts(run: Running) -> Forecast:
    rest = _rest(run, 1.0)
    missing = ceil(run.target - run.contracts)
    return _bounded(run, rest.mean, rest.quantile, 1 - rest.at_most(missing - 1))


def _of_revenue(run: Running, value: float) -> Forecast:
    from scipy.special import gammaincc, gammaincinv  # noqa: PLC0415  a heavy import that most commands never need

    rest, behind = _rest(run, value), len(run.amounts) + K_CONTRACTS
    mean = (sum(run.amounts) + K_CONTRACTS * value) / behind
    varied = (sum((x / mean - 1) ** 2 for x in run.amounts) + K_CONTRACTS) / behind
    none = rest.at_most(0)
    if none >= 1:
        return _at_its_end(run)
    # In units of the mean amount: squares of tiny amounts would vanish.
    spread = varied * rest.mean + rest.variance + rest.mean**2 * varied / behind
    whole = rest.mean / (1 - none)
    square = (spread + rest.mean**2) / (1 - none) - whole**2
    shape, scale = whole**2 / square, mean * square / whole
    if not scale:
        return _at_its_end(run)

    def quantile(share: float) -> float:
        return scale * float(gammaincinv(shape, (share - none) / (1 - none))) if share > none else 0.0

    missing = run.target - run.actual
    reached = 1.0 if missing <= 0 else (1 - none) * float(gammaincc(shape, missing / scale))
    return _bounded(run, mean * rest.mean, quantile, reached)


def _at_its_end(run: Running) -> Forecast:
    """Nothing more can be expected."""
    return Forecast(run.actual, run.actual, run.actual, float(run.actual >= run.target))


def _bounded(run: Running, mean: float, quantile: Callable[[float], float], probability: float) -> Forecast:
    """Add what was reached. The expected value lies within its bounds also where hardly anything is left."""
    low, high = min(mean, quantile(TAIL)), max(mean, quantile(1 - TAIL))
    return Forecast(run.actual + mean, run.actual + low, run.actual + high, probability)
