"""How far each factor's part could be off because some time was not recorded and some was not classified. Pure.

In: the actual side, the time as a whole, by day and by program. Out: by factor, how far its part may lie from the
point, with 90 %. Never: the worst that could be (those are the bounds of `interval`).

The known part of the time stands for all of it (method, section 3), so that what is hidden is predicted from what is
known, and the error of that prediction is that of a total predicted from a sample of clusters: the hidden clusters'
own variance, and the error of the mean (Valliant, Dorfman, Royall: Finite Population Sampling and Inference, 2000).

A factor's part is a smooth function of attendance, focus and sales share. With its slopes g, a cluster's residuals e
(what it has more than the shares of all known time give) weigh

    z = g_a e_a / E  +  g_f e_f / (W + N)  +  g_s e_s / (S + V)

over the wholes that are expected for all time. Time that is not recorded is missing by days: with s2, the variance of
z between days of L hours, a stretch of u hours adds (u / L)^2 v(u), and all U hours of n days the error of the mean
(U / L)^2 s2 / n. Within a day time comes in stretches of one kind, so that a short hole varies more than a day does:
v(u) falls from the variance of a single stretch to s2 as u grows to L. Time that is not classified is missing by
programs and sites, each of one kind as a whole: u_c hours of an unknown one add u_c^2 v1, where v1 is the variance of
an hour that is all of one kind, and all U of them the error of the mean, (U / K)^2 sum z_c^2 over the residuals of the
known ones in K hours. Unknown programs as such may differ from the known ones, by DIFFER in their shares of work and of
sales. Unrecorded time, being predicted from all of this, shares the error. The quantile is Student's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.identity import Side
from planwhy_collector.plan.measured import TimeSplit, ratio

LEVEL = 0.9
STRETCH_MS = HOUR_MS / 4
"""About how long people stay with one kind of thing."""
DIFFER = 0.07
"""About how far the shares of unknown programs, all together, lie from those of the known ones (standard deviation)."""
LEAST_DAYS = 3
"""With fewer recorded days nothing tells how much days differ."""
_STEP = 1e-4
_SHARES = ("attendance", "focus", "sales_share")

Parts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What tells of hidden time: the working time of each day, and the active time of each program or card by kind."""

    days: Sequence[TimeSplit] = ()
    programs: Sequence[TimeSplit] = ()


def reach_of_hidden(
    actual: Side, time: TimeSplit, hidden: Hidden, parts_of: Callable[[Side], Parts]
) -> dict[str, float] | None:
    """By factor, how far hidden time reaches to either side; None where too few days are recorded to tell.

    `parts_of` divides the shortfall for an actual side.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  a heavy import that most commands never need

    points = parts_of(actual)
    if not time.unrecorded and not time.unclassified:
        return dict.fromkeys(points, 0.0)
    full = [day for day in hidden.days if day.recorded > day.unrecorded]
    if len(full) < LEAST_DAYS:
        return None
    slopes = {name: _slopes(actual, name, parts_of) for name in _SHARES}
    quantile = float(stdtrit(len(full) - 1, (1 + LEVEL) / 2))
    each = {factor: _weights({name: slopes[name][factor] for name in _SHARES}, time) for factor in points}
    return {
        factor: quantile * sqrt(_unrecorded(time, hidden.days, full, weights) + _unclassified(time, hidden, weights))
        for factor, weights in each.items()
    }


def moved_to(actual: Side, **shares: float) -> Side:
    """The side with other shares of time. Contacts are counted, not estimated: they stay, and their rate follows."""
    contacts, other = actual.timed_contacts, replace(actual, **shares)
    hours = other.expected_hours * other.attendance * other.focus * other.sales_share
    rate = ratio(contacts, hours) if contacts else actual.contact_rate
    return actual if rate is None else replace(other, contact_rate=rate)


def _slopes(actual: Side, name: str, parts_of: Callable[[Side], Parts]) -> dict[str, float]:
    """How each factor's part moves with a share of time; central differences."""
    at = getattr(actual, name)
    below, above = (parts_of(moved_to(actual, **{name: at + step})) for step in (-_STEP, _STEP))
    return {factor: (above[factor] - below[factor]) / (2 * _STEP) for factor in below}


def _weights(slopes: Mapping[str, float], time: TimeSplit) -> dict[str, float]:
    """What a millisecond of residual counts for: a slope over the whole that its share is of, hidden time included."""
    judged = time.work + time.non_work
    scale = (1 + _ratio_or_0(time.unclassified, judged)) / time.coverage
    whole = {
        "attendance": float(time.expected),
        "focus": judged * scale,
        "sales_share": (time.sales + time.service) * scale,
    }
    return {name: slopes[name] / whole[name] if whole[name] else 0.0 for name in _SHARES}


def _ratio_or_0(part: float, whole: float) -> float:
    """Divide; 0 where there is nothing to divide by."""
    return ratio(part, whole) or 0.0


def _unrecorded(
    time: TimeSplit, days: Sequence[TimeSplit], full: Sequence[TimeSplit], weights: Mapping[str, float]
) -> float:
    """The variance of what the unrecorded time of all days may add to one factor's part."""
    if not time.unrecorded:
        return 0.0
    length = sum(day.recorded for day in full) / len(full)
    between = sum((_residual(day, time, weights) * length / day.recorded) ** 2 for day in full) / (len(full) - 1)
    single = length**2 * (_of_presence(time, weights) + _of_one_kind(time, weights) * time.present / time.recorded)
    holes = sum((day.unrecorded / length) ** 2 * _of_stretch(day.unrecorded, length, between, single) for day in days)
    return holes + (time.unrecorded / length) ** 2 * between / len(full)


def _residual(some: TimeSplit, time: TimeSplit, weights: Mapping[str, float]) -> float:
    """What a day had more than the shares of all recorded time give, weighed."""
    present = time.present / time.recorded
    return weights["attendance"] * (some.present - present * some.recorded) + _of_kinds(some, time, weights)


def _of_kinds(some: TimeSplit, time: TimeSplit, weights: Mapping[str, float]) -> float:
    """What some time had more of work, and of sales in it, than the shares of all known time give, weighed."""
    focus, sales = time.focus or 0.0, time.sales_share or 0.0
    by_focus = weights["focus"] * (some.work - focus * (some.work + some.non_work))
    return by_focus + weights["sales_share"] * (some.sales - sales * (some.sales + some.service))


def _of_stretch(ms: int, length: float, between: float, single: float) -> float:
    """The variance of an unrecorded stretch, scaled to a day: from that of one kind of thing to that of days."""
    short = max(0.0, 1 - ms / length) * STRETCH_MS / (STRETCH_MS + ms)
    return between + max(0.0, single - between) * short


def _unclassified(time: TimeSplit, hidden: Hidden, weights: Mapping[str, float]) -> float:
    """The variance of what unclassified time may turn out to be, and with it the time that is predicted from it."""
    if not time.unclassified:
        return 0.0
    unknown = [one.unclassified for one in hidden.programs]
    unknown.append(max(0, time.unclassified - sum(unknown)))
    known = sum(one.present - one.unclassified for one in hidden.programs)
    mean = (
        sum(_of_kinds(one, time, weights) ** 2 for one in hidden.programs) * _ratio_or_0(time.unclassified, known) ** 2
    )
    other = (DIFFER * time.unclassified) ** 2 * _of_difference(time, weights)
    return (_of_one_kind(time, weights) * sum(ms**2 for ms in unknown) + mean + other) / time.coverage**2


def _of_difference(time: TimeSplit, weights: Mapping[str, float]) -> float:
    """The square of what a millisecond counts for whose focus and sales share are other by 1."""
    named = _ratio_or_0(time.sales + time.service, time.work + time.non_work)
    return weights["focus"] ** 2 + (weights["sales_share"] * named) ** 2


def _of_presence(time: TimeSplit, weights: Mapping[str, float]) -> float:
    """The variance of a millisecond squared that is either presence or not."""
    present = time.present / time.recorded
    return weights["attendance"] ** 2 * present * (1 - present)


def _of_one_kind(time: TimeSplit, weights: Mapping[str, float]) -> float:
    """The variance of a millisecond squared of presence, all of one kind in the proportions of what is known."""
    kinds = (time.sales, time.service, time.general, time.non_work, time.neutral)
    focus, sales = time.focus or 0.0, time.sales_share or 0.0
    by_focus, by_sales = weights["focus"], weights["sales_share"]
    worth = (
        by_focus * (1 - focus) + by_sales * (1 - sales),
        by_focus * (1 - focus) - by_sales * sales,
        by_focus * (1 - focus),
        -by_focus * focus,
        0.0,
    )
    whole = sum(kinds)
    return sum(kind * one**2 for kind, one in zip(kinds, worth, strict=True)) / whole if whole else 0.0
