"""How much working time lies between two instants, asked many times.

In: the working intervals of a calendar, in order. Out: milliseconds. Never: a calendar of its own.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from planwhy_shared.times import Interval


class WorkTime:
    """Working time with sums prepared. Intervals must be in order and not overlap."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self._starts = [i.start_ms for i in intervals]
        self._ends = [i.end_ms for i in intervals]
        self._before = [0, *accumulate(i.ms for i in intervals)]

    def ms(self, start_ms: int, end_ms: int) -> int:
        """Working milliseconds from one instant to another; 0 where the second is not later."""
        return max(0, self._until(end_ms) - self._until(start_ms))

    def _until(self, at_ms: int) -> int:
        index = bisect_right(self._starts, at_ms)
        if index == 0:
            return 0
        return self._before[index - 1] + min(at_ms, self._ends[index - 1]) - self._starts[index - 1]
