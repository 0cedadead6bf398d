"""When a simulated person comes, eats, pauses and leaves. Pure.

In: a day's working hours, how much of them is spare, chance. Out: a Rhythm. Never: what is done in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from planwhy_shared.times import Interval

from planwhy_collector.simulate.day import MINUTE, Stretch
from planwhy_collector.simulate.screens import BLANK

_HOME = 0.08
"""Share of the days at home, with another computer."""
_OVERTIME = 0.15
_PRIVATE = 0.04


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`away` lies in working hours: late, at lunch beyond the break, in private time, or gone early.

    `lunch` is the whole meal, `overtime` work after hours (empty where there is none).
    """

    away: tuple[Stretch, ...]
    lunch: Interval
    overtime: Interval
    home: bool


def rhythm(rng: Random, working: tuple[Interval, ...], spare_ms: int) -> Rhythm:
    """Draw a day's rhythm; `away` takes at most two thirds of the spare time."""
    first, last = working[0], working[-1]
    late, early, longer = (int(spare_ms * rng.random() ** 2 * 0.22) for _ in range(3))
    before = rng.random() < 0.5
    lunch = _lunch(rng, working, longer, before)
    away = [
        Stretch(first.start_ms, first.start_ms + late, "asleep", BLANK),
        Stretch(last.end_ms - early, last.end_ms, "locked" if rng.random() < 0.5 else "asleep", BLANK),
        *_at_lunch(working, lunch),
    ]
    if rng.random() < _PRIVATE and spare_ms > 40 * MINUTE:
        away.append(Stretch(first.start_ms + 60 * MINUTE, first.start_ms + 70 * MINUTE, "private", BLANK))
    overtime = rng.randint(15, 90) * MINUTE if rng.random() < _OVERTIME and not early else 0
    after = Interval(last.end_ms, last.end_ms + overtime)
    return Rhythm(tuple(s for s in away if s.ms > 0), lunch, after, rng.random() < _HOME)


def _lunch(rng: Random, working: tuple[Interval, ...], longer: int, before: bool) -> Interval:
    """A meal in the break between the working hours, begun early or ended late by so much."""
    if len(working) < 2:
        return Interval(working[0].end_ms, working[0].end_ms)
    start, end = working[0].end_ms, working[1].start_ms
    inside = rng.randint(35, 60) * MINUTE
    if before:
        return Interval(start - longer, min(end, start - longer + inside))
    return Interval(max(start, end + longer - inside), end + longer)


def _at_lunch(working: tuple[Interval, ...], lunch: Interval) -> Iterator[Stretch]:
    for part in working:
        own = part.cut(lunch)
        if own.ms:
            yield Stretch(own.start_ms, own.end_ms, "locked", BLANK)
