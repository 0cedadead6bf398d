"""An explanation as rows that people read. In: an Explanation, a Language. Out: texts. Never: a sum of its own."""

from dataclasses import dataclass

from planwhy_collector.explain.result import Explanation, FactorOut, PlanOut, TimeOut
from planwhy_collector.report.language import Language
from planwhy_collector.report.words import FACTOR_MEANING, FACTORS, KINDS, METRICS, SOURCES


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor in words. `contribution` is the part of the shortfall, in the plan's unit.

    `bounds` say how far hidden time could move it at the most; empty where that is no news.
    """

    name: str
    label: str
    meaning: str
    plan: str
    actual: str
    own_trailing: str
    met_plan_median: str
    contribution: str
    interval: str
    bounds: str
    source: str
    helped: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the waterfall from plan to fact, in the plan's unit. `kind`: total, lost, gained."""

    label: str
    start: float
    end: float
    kind: str
    text: str
    low: float | None = None
    high: float | None = None


def factor_rows(found: Explanation, say: Language) -> tuple[FactorRow, ...]:
    """The factors in the method's order."""
    return tuple(_row(f, found.plan, say) for f in _shown(found))


def waterfall(found: Explanation, say: Language) -> tuple[Bar, ...]:
    """Bars from the target to the fact: each takes off its factor's part of the shortfall."""
    plan = found.plan
    bars = [Bar(say.say("Plan"), 0.0, plan.target, "total", plan_value(plan.target, plan, say))]
    at = plan.target
    for one in _shown(found):
        end = at - one.contribution
        kind = "lost" if one.contribution > 0 else "gained"
        text = plan_difference(-one.contribution, plan, say)
        bars.append(Bar(factor_name(one.name, say), at, end, kind, text, at - one.high, at - one.low))
        at = end
    return (*bars, Bar(say.say("Fact"), 0.0, plan.actual, "total", plan_value(plan.actual, plan, say)))


def _shown(found: Explanation) -> tuple[FactorOut, ...]:
    """All factors; the value of a contract only where the plan counts money, elsewhere it is 1 on both sides."""
    return tuple(f for f in found.factors if f.name != "deal_value" or f.unit != "ratio")


def factor_name(name: str, say: Language) -> str:
    """What a factor is called."""
    return say.say(FACTORS.get(name, name))


def plan_value(value: float, plan: PlanOut, say: Language) -> str:
    """A value of the plan's metric."""
    return say.money(value, plan.currency) if plan.metric == "revenue" else say.number(value, 1)


def plan_difference(value: float, plan: PlanOut, say: Language) -> str:
    """A difference in the plan's metric, signed."""
    if plan.metric != "revenue":
        return say.signed(value, 2 if 0 < abs(value) < 0.05 else 1)
    text = say.money(value, plan.currency)
    return f"+{text}" if round(value) > 0 else text


def _bare(value: float, plan: PlanOut, say: Language) -> str:
    """A difference without its currency: two stand side by side in an interval."""
    return say.signed(value, 0) if plan.metric == "revenue" else plan_difference(value, plan, say)


def metric_name(metric: str, say: Language) -> str:
    """What a plan counts."""
    return say.say(METRICS.get(metric, metric))


def factor_value(value: float | None, one: FactorOut, currency: str | None, say: Language) -> str:
    """A factor's value in its unit; a dash where there is none."""
    if value is None:
        return "—"
    if one.unit in ("share", "per_contact"):
        return say.percent(value, 1)
    if one.unit == "money":
        return say.money(value, currency)
    if one.unit == "ratio":
        return f"× {say.number(value, 2)}"
    return say.number(value, 0 if one.unit == "contacts" else 2)


def time_rows(time: TimeOut, say: Language) -> tuple[tuple[str, str, float], ...]:
    """The partition of the expected hours as (kind, label, hours), in the order of legends."""
    work = {"sales": time.work.sales, "service": time.work.service, "general": time.work.general}
    hours = work | {kind: getattr(time, kind) for kind in KINDS if kind not in work}
    return tuple((kind, say.say(label), hours[kind]) for kind, label in KINDS.items())


def _row(one: FactorOut, plan: PlanOut, say: Language) -> FactorRow:
    low, high = (_bare(-v, plan, say) for v in (one.high, one.low))
    planned, actual, own, met = (
        factor_value(v, one, plan.currency, say) for v in (one.plan, one.actual, one.own_trailing, one.met_plan_median)
    )
    meaning = say.say(FACTOR_MEANING.get(one.name, ""))
    if one.alone is not None:
        alone = factor_value(one.alone, one, plan.currency, say)
        meaning += say.say("; %(value)s with as many late contacts as planned", value=alone)
    source = say.say(SOURCES.get(one.source, one.source))
    contribution = plan_difference(-one.contribution, plan, say)
    interval = "—" if low == high else f"{low} … {high}"
    return FactorRow(
        one.name, factor_name(one.name, say), meaning, planned, actual, own, met, contribution, interval,
        _bounds(one, plan, say), source,
        one.contribution < 0,
    )  # fmt: skip


def _bounds(one: FactorOut, plan: PlanOut, say: Language) -> str:
    """What hidden time allows at the most, where that is more than the interval."""
    if one.bound_low is None or one.bound_high is None or (one.low <= one.bound_low and one.bound_high <= one.high):
        return ""
    low, high = (_bare(-v, plan, say) for v in (one.bound_high, one.bound_low))
    if (low, high) == (_bare(-one.high, plan, say), _bare(-one.low, plan, say)):
        return ""
    return say.say("whatever the hidden time was: %(low)s … %(high)s", low=low, high=high)
