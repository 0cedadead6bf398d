"""Which calendar exception holds on a day. In: exceptions. Out: a look-up by day. Never: usual hours or holidays.

Of exceptions that overlap, the one that begins latest holds.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from planwhy_collector.facts import ExceptionFact

LONGEST_DECIDING_DAYS = 31
"""Other hours for longer than this are a weekly pattern of their own, not a decision about each day."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Days on which the exception in force changes, in order, and the one in force from each; None for none."""

    days: tuple[date, ...]
    holding: tuple[ExceptionFact | None, ...]

    def on(self, day: date) -> ExceptionFact | None:
        """Look up the exception that holds on a day."""
        at = bisect_right(self.days, day)
        return self.holding[at - 1] if at else None


@lru_cache(maxsize=4096)
def turns_of(exceptions: tuple[ExceptionFact, ...]) -> Turns:
    """Prepare the look-up; made once for the same exceptions."""
    latest_first = sorted(exceptions, key=lambda one: one.first_day, reverse=True)
    days = tuple(sorted({day for one in exceptions for day in _edges(one)}))
    return Turns(days, tuple(next((one for one in latest_first if one.holds(day)), None) for day in days))


def decides(exception: ExceptionFact) -> bool:
    """Whether an exception settles its days against public holidays and everybody's exceptions.

    Free days do, and other hours for up to LONGEST_DECIDING_DAYS: an extra working Saturday, duty over the holidays.
    Other hours for longer, or until further notice, stand in for the usual ones: part time keeps its holidays.
    """
    if exception.hours is None:
        return True
    last = exception.last_day
    return last is not None and (last - exception.first_day).days < LONGEST_DECIDING_DAYS


def _edges(one: ExceptionFact) -> Iterator[date]:
    yield one.first_day
    if one.last_day is not None:
        yield one.last_day + timedelta(days=1)
