"""Stage 8d: totals move from one meaning to another. In: time in contexts whose verdict turned. Out: what to add to
which total of the second level, less than nothing where time leaves it. Never: a total that does not change.

It gives what adding the day up anew would give, for the price of what turned: a day's totals are sums over its
contexts, in whole milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import Presence
from planwhy_collector.rollup.judge import Areas, Meaning, meaning_of
from planwhy_collector.rollup.piece import Total


@dataclass(frozen=True, slots=True)
class Moved:
    """Time of a day in contexts whose verdict turned from `old` to `new`."""

    employee_id: int
    day: date
    presence: Presence
    old: Verdict
    new: Verdict
    working_ms: int
    other_ms: int


def shifts(moved: Iterable[Moved], areas: Areas) -> tuple[tuple[int, Total], ...]:
    """Say what is added to which total, as (employee, total). What turned and turned back is left out."""
    sums: defaultdict[tuple[int, date, Presence, Meaning], list[int]] = defaultdict(lambda: [0, 0])
    for one in moved:
        for verdict, sign in ((one.old, -1), (one.new, 1)):
            both = sums[one.employee_id, one.day, one.presence, meaning_of(one.presence, verdict, areas)]
            both[0] += sign * one.working_ms
            both[1] += sign * one.other_ms
    return tuple(
        (employee_id, Total(day, presence, m.label, m.category, m.area, m.entity, *both))
        for (employee_id, day, presence, m), both in sums.items()
        if any(both)
    )
