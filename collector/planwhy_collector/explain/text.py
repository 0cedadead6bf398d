"""Stage 10, pure: a paragraph that a supervisor can read aloud, made from the numbers by rules.

In: an Explanation without its summary, a language. Out: text. Never: a number that the explanation does not hold, a
statement where there is no data, a word of cause or blame.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from math import floor, log10

from planwhy_collector.explain.result import Explanation, FactorOut
from planwhy_collector.explain.speech import Speech
from planwhy_collector.explain.words import ABSENCES, FACTORS, SENTENCES, VERDICTS
from planwhy_collector.plan.period import parse_period

LARGE_SHARE = 0.1
"""A factor below this share of the shortfall is not spoken of."""
SMALL_SHARE = 0.05
"""A factor below this share, interval included up to LARGE_SHARE, is about as planned."""
MOST_FACTORS = 3
SPOKEN_DIGITS = 3
SPOKEN_SPREAD = 0.2
"""An interval narrower than this share of its factor's part is not spoken of."""
ALMOST_ALL = 0.99
"""From this coverage on, what is not recorded is not counted out."""
SAME_SHARE = 0.03
"""Shares of non-work closer than this are called about the same."""


def summary(explained: Explanation, locale: str) -> str:
    """Write the paragraph in `ru` or `en`."""
    speech = Speech(locale if locale in SENTENCES else "en")
    parts: tuple[Callable[[Explanation, Speech], str | None], ...] = (
        _headline, _factors, _circumstances, _helpers, _as_planned, _chance, _non_work, _left_out, _overdue,
        _recorded, _unclassified, _unknown,
    )  # fmt: skip
    return " ".join(sentence for part in parts if (sentence := part(explained, speech)))


def _headline(explained: Explanation, speech: Speech) -> str:
    plan, days = explained.plan, explained.period
    counted = speech.contracts if plan.metric == "contracts" else partial(_amount, explained, speech)
    figures = {
        "period": speech.days(days.first, days.last),
        "target": counted(plan.target),
        "actual": _amount(explained, speech, plan.actual),
    }
    if not plan.target:
        return speech.say("nothing_due", period=figures["period"], actual=figures["actual"])
    part = _part(explained, speech) if plan.prorated_from else {}
    if not plan.missed:
        return speech.say("part_reached" if part else "reached", **figures, **part)
    lacking, percent = _amount(explained, speech, plan.shortfall), speech.share(plan.shortfall / plan.target)
    return speech.say("part_missed" if part else "missed", shortfall=lacking, percent=percent, **figures, **part)


def _part(explained: Explanation, speech: Speech) -> dict[str, str]:
    """The plans of which a part is spoken of, and the part: its days, or the hours of them that have passed."""
    days, named = explained.period, (explained.plan.prorated_from or "").split(", ")
    plans = [speech.days(str(plan.first), str(plan.last)) for plan in map(parse_period, named)]
    period = speech.days(days.first, days.last)
    if explained.as_of[:10] > days.last:
        return {"plan": ", ".join(plans), "part": period}
    passed = speech.say("so_far") if plans == [period] else speech.say("so_far_of", period=period)
    return {"plan": ", ".join(plans), "part": passed}


def _factors(explained: Explanation, speech: Speech) -> str | None:
    """The largest factor in a sentence of its own, with what to compare it to, the next ones in a list."""
    if not explained.plan.missed:
        return None
    least = LARGE_SHARE * explained.plan.shortfall
    large = sorted((f for f in explained.factors if f.contribution >= least), key=lambda f: -f.contribution)
    if not large:
        return speech.say("no_factor")
    first = speech.say("factors", first=_told(large[0], explained, speech, _beside(large[0], speech)))
    return " ".join(filter(None, (first, _listed("further", large[1:MOST_FACTORS], explained, speech))))


def _helpers(explained: Explanation, speech: Speech) -> str | None:
    if not explained.plan.missed:
        return None
    least = LARGE_SHARE * explained.plan.shortfall
    helped = sorted((f for f in explained.factors if f.contribution <= -least), key=lambda f: f.contribution)
    return _listed("helped", helped[:MOST_FACTORS], explained, speech)


def _listed(sentence: str, factors: Iterable[FactorOut], explained: Explanation, speech: Speech) -> str | None:
    told = [_told(f, explained, speech) for f in factors]
    return speech.say(sentence, list="; ".join(told)) if told else None


def _told(factor: FactorOut, explained: Explanation, speech: Speech, beside: str = "") -> str:
    """A factor in words: plan, fact, what the result loses or gains with it, and how sure that is."""
    name, part = _name(factor, explained, speech), _effect(explained, speech, factor.contribution)
    spread = _range(factor, explained, speech)
    if factor.name == "plan_stretch":
        return speech.say("stretched", name=name, part=part, range=spread)
    actual, plan = speech.pair(factor.unit, _alone(factor), factor.plan)
    if _alone(factor) != factor.actual and speech.figure(factor.unit, factor.actual) != actual:
        actual = speech.say("alone", value=actual)
    return speech.say("factor", name=name, actual=actual, plan=plan, beside=beside, part=part, range=spread)


def _alone(factor: FactorOut) -> float:
    """Contracts per contact are told as if contacts had been as late as planned."""
    return factor.actual if factor.alone is None else factor.alone


def _range(factor: FactorOut, explained: Explanation, speech: Speech) -> str:
    """The interval, where it is wide enough to change what is said; the table has it always."""
    if factor.high - factor.low < SPOKEN_SPREAD * abs(factor.contribution):
        return ""
    low, value, high = (_signed(explained, speech, -part) for part in (factor.high, factor.contribution, factor.low))
    return "" if low == value == high else speech.say("range", low=low, high=high)


def _beside(factor: FactorOut, speech: Speech) -> str:
    """The person's own months before, and the people who met the plan."""
    known = (("own", factor.own_trailing), ("met", factor.met_plan_median))
    told = [speech.say(name, value=speech.figure(factor.unit, value)) for name, value in known if value is not None]
    return speech.say("beside", list="; ".join(told)) if told else ""


def _name(factor: FactorOut, explained: Explanation, speech: Speech) -> str:
    """The factor's name. A plan with unknown assumptions is not called above the load: nothing tells that."""
    if factor.name != "plan_stretch":
        return FACTORS[speech.locale][factor.name]
    if factor.unit != "ratio" or any(one.source == "none" for one in explained.factors):
        return FACTORS[speech.locale]["plan_unknown"]
    return speech.say("above" if factor.plan > 1 else "below", share=speech.share(abs(factor.plan - 1)))


def _as_planned(explained: Explanation, speech: Speech) -> str | None:
    """Name the factors that were about as planned, and surely so; focus has a sentence of its own."""
    if not explained.plan.missed:
        return None
    told = {"focus"} if _non_work(explained, speech) else set()
    small, large = (share * explained.plan.shortfall for share in (SMALL_SHARE, LARGE_SHARE))
    same = [
        FACTORS[speech.locale][f.name]
        for f in explained.factors
        if f.name not in told
        and f.unit != "ratio"
        and f.source != "none"
        and abs(f.contribution) < small
        and -large < f.low <= f.high < large
    ]
    return speech.say("as_planned", list=", ".join(same)) if same else None


def _chance(explained: Explanation, speech: Speech) -> str | None:
    chance = explained.chance
    conversion = next((f for f in explained.factors if f.name == "conversion"), None)
    if chance is None or not explained.plan.missed or conversion is None or conversion.contribution <= 0:
        return None
    return speech.say(
        "chance" if chance.within_chance else "not_chance",
        expected=speech.number(chance.expected_contracts),
        probability=speech.share(chance.probability_actual_or_fewer),
        actual=speech.number(chance.actual_contracts, 0),
    )


def _non_work(explained: Explanation, speech: Speech) -> str | None:
    """Say in so many words where the non-work share does not explain the miss."""
    focus = next((f for f in explained.factors if f.name == "focus"), None)
    if focus is None or not explained.plan.missed:
        return None
    if focus.met_plan_median is not None and focus.actual >= focus.met_plan_median - SAME_SHARE:
        met = speech.share(1 - focus.met_plan_median)
        return speech.say("focus_same", share=speech.share(1 - focus.actual), met=met)
    return speech.say("focus_fine") if focus.contribution <= 0 else None


def _circumstances(explained: Explanation, speech: Speech) -> str | None:
    names = ABSENCES[speech.locale]
    listed = [
        speech.say("circumstance", name=names[c.detail or c.kind], hours=speech.hours(c.hours))
        for c in explained.circumstances
        if (c.detail or c.kind) in names
    ]
    return speech.say("circumstances", list="; ".join(listed)) if listed else None


def _left_out(explained: Explanation, speech: Speech) -> str | None:
    """Say what was not counted, or counted as nothing."""
    named = (c for c in explained.circumstances if c.count and c.kind in SENTENCES[speech.locale])
    return " ".join(speech.say(c.kind, count=speech.number(c.count, 0)) for c in named) or None


def _overdue(explained: Explanation, speech: Speech) -> str:
    tasks = explained.overdue
    if not tasks:
        return speech.say("no_overdue")
    counted = Counter(task.verdict for task in tasks)
    names = {name: text for name, text in VERDICTS[speech.locale].items() if counted[name]}
    alone = len(names) == 1
    listed = "; ".join(text if alone else f"{text}: {counted[name]}" for name, text in names.items())
    hours = speech.hours(sum(task.overdue_hours for task in tasks))
    return speech.say("overdue", count=speech.number(len(tasks), 0), hours=hours, list=listed)


def _recorded(explained: Explanation, speech: Speech) -> str:
    cover = explained.coverage
    if not cover.expected_hours:
        return speech.say("no_hours")
    figures = {"share": speech.share(cover.share), "unrecorded": speech.hours(explained.time.unrecorded)}
    if cover.conclusive:
        known = "coverage_almost" if cover.share >= ALMOST_ALL else "coverage"
        return speech.say(known if explained.time.unrecorded else "coverage_full", **figures)
    if not any(c.kind in ("agent_off", "no_word") for c in explained.circumstances):
        return speech.say("no_sales_time")
    return speech.say("silent", expected=speech.hours(cover.expected_hours), **figures)


def _unclassified(explained: Explanation, speech: Speech) -> str | None:
    hours = explained.time.unclassified
    present = explained.coverage.recorded_hours
    large = explained.coverage.conclusive and present > 0 and hours / present >= SAME_SHARE
    return speech.say("unclassified", hours=speech.hours(hours)) if large else None


def _unknown(explained: Explanation, speech: Speech) -> str | None:
    stretch = next((f for f in explained.factors if f.name == "plan_stretch"), None)
    if stretch is not None and stretch.unit != "ratio":
        return speech.say("no_carrier")
    unknown = [FACTORS[speech.locale][f.name] for f in explained.factors if f.source == "none"]
    return speech.say("none", list=", ".join(unknown)) if unknown else None


def _amount(explained: Explanation, speech: Speech, value: float) -> str:
    if explained.plan.metric == "revenue":
        return speech.money(value, explained.plan.currency)
    return speech.number(value)


def _effect(explained: Explanation, speech: Speech, contribution: float) -> str:
    """What the result loses or gains with a factor, with its unit."""
    signed = _signed(explained, speech, -contribution)
    if explained.plan.metric == "revenue":
        return signed
    return signed[:1] + speech.contracts(abs(contribution)) if signed[:1] in "+\N{MINUS SIGN}" else signed


def _signed(explained: Explanation, speech: Speech, value: float) -> str:
    """A difference with its sign; of money three digits tell enough."""
    if explained.plan.metric == "revenue" and value:
        value = round(value, SPOKEN_DIGITS - 1 - floor(log10(abs(value))))
    written = _amount(explained, speech, value)
    return f"+{written}" if value > 0 and written != _amount(explained, speech, 0.0) else written
