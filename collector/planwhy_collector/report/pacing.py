"""A plan's pace and forecast as people and scripts read them. In: a plan as it runs. Out: one document.

Never: an expected value without its interval.
"""

from datetime import date

from msgspec import Struct, field
from planwhy_shared.times import days_bounds, rfc3339

from planwhy_collector.facts import Person
from planwhy_collector.plan.pace import LEVEL, Forecast, Running
from planwhy_collector.plan.period import Period
from planwhy_collector.report.language import N_, Language


class DaysOut(Struct, frozen=True):
    """First and last day."""

    first: date = field(name="from")
    last: date = field(name="to")


class ForecastOut(Struct, frozen=True):
    """Where the plan may end: expected value, an interval of `level` (0-1), the probability of reaching the target."""

    value: float
    low: float
    high: float
    level: float
    probability: float


class PaceOut(Struct, frozen=True):
    """`passed` is the share (0-1) of working hours, `due` the part of the target that fell due with it.

    `pace` is actual over due; None where nothing was due. `forecast` None: before the first working hour, or where
    nobody knows what a contract brings.
    """

    employee_id: str
    name: str
    period: DaysOut
    as_of: str
    ended: bool
    metric: str
    currency: str | None
    target: float
    actual: float
    passed: float
    due: float
    pace: float | None
    forecast: ForecastOut | None


def pace_out(person: Person, period: Period, run: Running, found: Forecast | None, as_of_ms: int) -> PaceOut:
    """Put a plan's standing and its forecast into one document."""
    ended = days_bounds(period.first, period.last, person.zone).end_ms <= as_of_ms
    told = None if found is None else ForecastOut(found.value, found.low, found.high, LEVEL, found.probability)
    return PaceOut(
        person.key, person.name, DaysOut(period.first, period.last), rfc3339(as_of_ms // 1000 * 1000, person.zone),
        ended, run.metric, run.currency, run.target, run.actual, run.share, run.due, run.pace, told,
    )  # fmt: skip


def forecast_text(pace: PaceOut, say: Language) -> str:
    """Say where a plan may end, such as `7.5 (4 … 11) of 12`; empty where there is no forecast.

    Revenue is rounded to four figures: more would claim a precision that an interval denies.
    """
    found = pace.forecast
    if found is None:
        return ""
    text = N_("%(value)s (%(low)s … %(high)s) of %(target)s")
    if pace.metric != "revenue":
        value, low, high, target = (say.number(one, 1) for one in (found.value, found.low, found.high, pace.target))
    else:
        value, target = say.money(_rounded(found.value), pace.currency), say.money(pace.target, pace.currency)
        low, high = say.number(_rounded(found.low)), say.number(_rounded(found.high))
    return say.say(text, value=value, low=low, high=high, target=target)


def pace_text(pace: PaceOut, say: Language) -> str:
    """Say in one line how much has passed, what was reached of what was due, and where the plan may end."""
    line = N_("hours passed %(passed)s, reached of what was due %(pace)s, forecast %(forecast)s")
    told = forecast_text(pace, say)
    if pace.forecast is not None:
        chance = probability_text(pace.forecast.probability, say)
        told = f"{told}, {say.say(N_('probability of reaching the plan'))} {chance}"
    reached = "–" if pace.pace is None else say.percent(pace.pace)
    return say.say(line, passed=say.percent(pace.passed), pace=reached, forecast=told or "–")


def probability_text(share: float, say: Language) -> str:
    """Write a probability as a percentage, without claiming what is only nearly certain."""
    if 0 < share < 0.01:
        return f"<\N{NO-BREAK SPACE}{say.percent(0.01)}"
    if 0.99 < share < 1:
        return f">\N{NO-BREAK SPACE}{say.percent(0.99)}"
    return say.percent(share)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
