"""What time of which little is known may have been, as far as it matters to the time factors.

In: a partition of working time, the factors' points. Out: possible attendances, and possible mixes of focus and sales
share. Never: a likely one; the intervals look at the extremes only.

- Unrecorded time was all absent or all present (method, section 3).
- Unclassified time was all sales, all service, or all non-work.
- What was done in unrecorded time resembles the rest only as stretches of time resemble each other. Taken by half
  days, each all of one kind, a share p of n half days recorded differs from that of m half days unrecorded with a
  variance of p (1 - p) (1/n + 1/m): wide for an hour, which may well have been all of one kind, narrower for weeks.
  Real half days are mixed, and two standard deviations of such ones are some five of theirs: bounds, in practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from planwhy_shared.times import HOUR_MS

from planwhy_collector.plan.measured import TimeSplit

HALF_DAY_MS = 4 * HOUR_MS
SPREAD = 2.0
"""Standard deviations of half days that are all of one kind."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Focus and sales share, 0–1, as the method defines them."""

    focus: float
    sales_share: float


def attendances(point: float, time: TimeSplit) -> set[float]:
    """The point, all unrecorded time absent, and all of it present."""
    if not time.unrecorded:
        return {point}
    return {point, time.present / time.expected, (time.present + time.unrecorded) / time.expected}


def mixes(point: Mix, time: TimeSplit) -> Iterator[Mix]:
    """The point and the extremes; a factor whose share is undefined keeps its point."""
    yield point
    vague = time.unclassified
    if not vague and not time.unrecorded:
        return
    focus_low, focus_high = _between(time, time.work, time.non_work, vague)
    share_low, share_high = _between(time, time.sales, time.service, vague)
    known_low, known_high = _between(time, time.sales, time.service, 0)
    for focus, share in (
        (focus_high, share_high),
        (focus_high, share_low),
        (focus_low, known_low),
        (focus_low, known_high),
    ):
        yield Mix(
            point.focus if focus is None else focus,
            point.sales_share if share is None else share,
        )


def _between(time: TimeSplit, part: int, other: int, vague: int) -> tuple[float | None, float | None]:
    """Least and greatest share of `part` in part and other, with vague and unrecorded time on either side."""
    whole = part + other
    if not whole or not time.recorded:
        return None, None
    hidden = time.unrecorded * whole / time.recorded
    low, high = part / (whole + vague), (part + vague) / (whole + vague)
    return (
        (part + hidden * max(0.0, low - _doubt(time, low))) / (whole + vague + hidden),
        (part + vague + hidden * min(1.0, high + _doubt(time, high))) / (whole + vague + hidden),
    )


def _doubt(time: TimeSplit, share: float) -> float:
    """How far the share of unrecorded time may be from the share of recorded time."""
    if not time.unrecorded or not time.recorded:
        return 0.0
    return SPREAD * sqrt(share * (1 - share) * HALF_DAY_MS * (1 / time.recorded + 1 / time.unrecorded))
