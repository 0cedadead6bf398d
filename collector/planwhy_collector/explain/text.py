"""Stage 10, pure: a paragraph that a supervisor can read aloud, made from the numbers by rules.

In: an Explanation without its summary, a language. Out: text. Never: a number that the explanation does not hold, a
statement where there is no data, a word of cause or blame.
"""

from collections.abc import Callable
from dataclasses import dataclass

from planwhy_collector.explain.result import Explanation, FactorOut
from planwhy_collector.explain.words import ABSENCES, FACTORS, HOURS, SENTENCES, VERDICTS

MINUS = "\N{MINUS SIGN}"
LARGE_SHARE = 0.1
"""A factor below this share of the shortfall is not spoken of."""
MOST_FACTORS = 3
SAME_SHARE = 0.03
"""Shares of non-work closer than this are called about the same."""
TIME_FACTORS = frozenset({"attendance", "focus", "sales_share", "contact_rate"})


def summary(explained: Explanation, locale: str) -> str:
    """Write the paragraph in `ru` or `en`."""
    words = _Words(locale if locale in SENTENCES else "en")
    parts: tuple[Callable[[Explanation, _Words], str | None], ...] = (
        _headline, _prorated, _factors, _helpers, _chance, _non_work, _circumstances, _left_out, _overdue, _recorded,
        _unclassified, _unknown,
    )  # fmt: skip
    return " ".join(sentence for part in parts if (sentence := part(explained, words)))


@dataclass(frozen=True, slots=True)
class _Words:
    """One language: its sentences and its way of writing figures."""

    locale: str

    def say(self, sentence: str, **figures: str) -> str:
        return SENTENCES[self.locale][sentence].format(**figures)

    def number(self, value: float, digits: int = 1) -> str:
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text in ("-0", "") else text.replace("-", MINUS)
        return text.replace(",", "\u00a0").replace(".", ",") if self.locale == "ru" else text

    def share(self, value: float) -> str:
        return f"{self.number(100 * value, 0 if 0.1 <= abs(value) < 0.995 or value == 1 else 1)}\u00a0%"

    def hours(self, value: float) -> str:
        return f"{self.number(value)}\u00a0{HOURS[self.locale]}"

    def of(self, factor: FactorOut, value: float) -> str:
        if factor.unit == "share":
            return self.share(value)
        return self.number(value, 0 if factor.unit in ("money", "contacts") else 2)


def _headline(explained: Explanation, words: _Words) -> str:
    plan, days = explained.plan, explained.period
    figures = {
        "period": f"{days.first}\u2013{days.last}",
        "target": _amount(plan.target, explained, words),
        "actual": _amount(plan.actual, explained, words),
    }
    if not plan.missed:
        return words.say("reached", **figures)
    percent = words.share(plan.shortfall / plan.target) if plan.target else words.share(0.0)
    return words.say("missed", shortfall=_amount(plan.shortfall, explained, words), percent=percent, **figures)


def _prorated(explained: Explanation, words: _Words) -> str | None:
    return words.say("prorated", plan=explained.plan.prorated_from) if explained.plan.prorated_from else None


def _factors(explained: Explanation, words: _Words) -> str | None:
    if not explained.plan.missed:
        return None
    least = LARGE_SHARE * explained.plan.shortfall
    large = sorted((f for f in explained.factors if f.contribution >= least), key=lambda f: -f.contribution)
    if not large:
        return words.say("no_factor")
    return words.say("factors", list="; ".join(_factor(f, explained, words) for f in large[:MOST_FACTORS]))


def _factor(factor: FactorOut, explained: Explanation, words: _Words) -> str:
    return words.say(
        "factor",
        name=_name(factor, explained, words),
        actual=words.of(factor, factor.actual),
        plan=words.of(factor, factor.plan),
        part=_amount(factor.contribution, explained, words),
        low=_amount(factor.low, explained, words),
        high=_amount(factor.high, explained, words),
    )


def _name(factor: FactorOut, explained: Explanation, words: _Words) -> str:
    """The factor's name. A plan with unknown assumptions is not called above the load: nothing tells that."""
    unknown = factor.unit != "ratio" or any(one.source == "none" for one in explained.factors)
    return FACTORS[words.locale]["plan_unknown" if factor.name == "plan_stretch" and unknown else factor.name]


def _helpers(explained: Explanation, words: _Words) -> str | None:
    if not explained.plan.missed:
        return None
    least = LARGE_SHARE * explained.plan.shortfall
    helped = sorted((f for f in explained.factors if f.contribution <= -least), key=lambda f: f.contribution)
    if not helped:
        return None
    listed = (
        words.say(
            "helper",
            name=_name(f, explained, words),
            actual=words.of(f, f.actual),
            plan=words.of(f, f.plan),
            part=_amount(f.contribution, explained, words),
        )
        for f in helped[:MOST_FACTORS]
    )
    return words.say("helped", list="; ".join(listed))


def _chance(explained: Explanation, words: _Words) -> str | None:
    chance = explained.chance
    conversion = next((f for f in explained.factors if f.name == "conversion"), None)
    if chance is None or not explained.plan.missed or conversion is None or conversion.contribution <= 0:
        return None
    return words.say(
        "chance" if chance.within_chance else "not_chance",
        expected=words.number(chance.expected_contracts),
        probability=words.share(chance.probability_actual_or_fewer),
        actual=words.number(chance.actual_contracts, 0),
    )


def _non_work(explained: Explanation, words: _Words) -> str | None:
    """Say in so many words where the non-work share does not explain the miss."""
    focus = next((f for f in explained.factors if f.name == "focus"), None)
    if focus is None or not explained.plan.missed:
        return None
    if focus.met_plan_median is not None and focus.actual >= focus.met_plan_median - SAME_SHARE:
        met = words.share(1 - focus.met_plan_median)
        return words.say("focus_same", share=words.share(1 - focus.actual), met=met)
    return words.say("focus_fine") if focus.contribution <= 0 else None


def _circumstances(explained: Explanation, words: _Words) -> str | None:
    names = ABSENCES[words.locale]
    listed = [
        words.say("circumstance", name=names[c.detail or c.kind], hours=words.hours(c.hours))
        for c in explained.circumstances
        if (c.detail or c.kind) in names
    ]
    return words.say("circumstances", list="; ".join(listed)) if listed else None


def _left_out(explained: Explanation, words: _Words) -> str | None:
    """Say what was not counted, or counted as nothing."""
    named = (c for c in explained.circumstances if c.count and c.kind in SENTENCES[words.locale])
    return " ".join(words.say(c.kind, count=words.number(c.count, 0)) for c in named) or None


def _overdue(explained: Explanation, words: _Words) -> str:
    tasks = explained.overdue
    if not tasks:
        return words.say("no_overdue")
    names = VERDICTS[words.locale]
    counted = ((names[v], sum(task.verdict == v for task in tasks)) for v in names)
    listed = "; ".join(f"{name}: {count}" for name, count in counted if count)
    hours = words.hours(sum(task.overdue_hours for task in tasks))
    return words.say("overdue", count=words.number(len(tasks), 0), hours=hours, list=listed)


def _recorded(explained: Explanation, words: _Words) -> str:
    cover = explained.coverage
    if not cover.expected_hours:
        return words.say("no_hours")
    figures = {"share": words.share(cover.share), "unrecorded": words.hours(explained.time.unrecorded)}
    if cover.conclusive:
        return words.say("coverage" if explained.time.unrecorded else "coverage_full", **figures)
    if not any(c.kind in ("agent_off", "no_word") for c in explained.circumstances):
        return words.say("no_sales_time")
    return words.say("silent", expected=words.hours(cover.expected_hours), **figures)


def _unclassified(explained: Explanation, words: _Words) -> str | None:
    hours = explained.time.unclassified
    present = explained.coverage.recorded_hours
    large = explained.coverage.conclusive and present > 0 and hours / present >= SAME_SHARE
    return words.say("unclassified", hours=words.hours(hours)) if large else None


def _unknown(explained: Explanation, words: _Words) -> str | None:
    stretch = next((f for f in explained.factors if f.name == "plan_stretch"), None)
    if stretch is not None and stretch.unit != "ratio":
        return words.say("no_carrier")
    unknown = [FACTORS[words.locale][f.name] for f in explained.factors if f.source == "none"]
    return words.say("none", list=", ".join(unknown)) if unknown else None


def _amount(value: float, explained: Explanation, words: _Words) -> str:
    if explained.plan.metric == "revenue":
        return f"{words.number(value, 0)}\u00a0{explained.plan.currency or ''}".rstrip("\u00a0")
    return words.number(value)
