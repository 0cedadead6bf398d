"""Sequence numbers as runs: the exact answer to "which of these are new?". Pure: no session, no clock.

In: runs and numbers. Out: runs and numbers. Never: a set as large as the numbers that have arrived.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

Runs = tuple[tuple[int, int], ...]
"""Both ends included, in order, neither overlapping nor touching."""


def joined(runs: Iterable[tuple[int, int]], added: Iterable[tuple[int, int]]) -> Runs:
    """Join runs that overlap or follow each other."""
    out: list[tuple[int, int]] = []
    for first, last in sorted([*runs, *added]):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)


def runs_of(numbers: Collection[int]) -> Runs:
    """Make runs of numbers."""
    if not numbers:
        return ()
    first, last = min(numbers), max(numbers)
    if last - first + 1 == len(frozenset(numbers)):
        return ((first, last),)
    return joined((), [(number, number) for number in numbers])


def missing(runs: Runs, numbers: Sequence[int]) -> frozenset[int]:
    """Find the numbers that lie in none of the runs."""
    if not numbers:
        return frozenset()
    starts = [first for first, _ in runs]
    if _apart(runs, starts, min(numbers), max(numbers)):
        return frozenset(numbers)
    return frozenset(n for n in numbers if not _held(runs, starts, n))


def missing_within(runs: Runs, first: int, last: int) -> int:
    """Count the numbers from first to last that lie in none of the runs."""
    held = sum(max(0, min(last, run_last) - max(first, run_first) + 1) for run_first, run_last in runs)
    return max(0, last - first + 1) - held


def durable_through(runs: Runs) -> int:
    """Find the last number up to which nothing is missing since the first that arrived; -1 where none did."""
    return runs[0][1] if runs else -1


def _held(runs: Runs, starts: list[int], number: int) -> bool:
    at = bisect_right(starts, number) - 1
    return at >= 0 and number <= runs[at][1]


def _apart(runs: Runs, starts: list[int], first: int, last: int) -> bool:
    """Whether no run reaches into what lies from first to last."""
    at = bisect_right(starts, last) - 1
    return at < 0 or runs[at][1] < first
