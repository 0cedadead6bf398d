"""How the working time of a window was spent: whole days from their totals, parts of days from judged pieces.

In: day totals and the pieces of some days. Out: a TaskTime per window. Never: a day counted twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from planwhy_shared.times import Interval, day_bounds, day_of, days_between

from planwhy_collector.explain.overdue import KINDS, Cards, TaskTime, kind_for, task_time
from planwhy_collector.facts import EntityRef
from planwhy_collector.rollup.piece import Judged, Total

NO_CARDS: Cards = frozenset()


@dataclass(frozen=True, slots=True)
class WholeDay:
    """A day's working time by kind, and of what was done on cards by card (ms): many tasks ask for the same days."""

    kinds: Mapping[str, int]
    on_cards: Mapping[EntityRef, Sequence[tuple[str, int]]]

    def add_to(self, spent: Counter[str], cards: Cards) -> None:
        """Add the day; what was done on these cards is `own_card`."""
        spent.update(self.kinds)
        for card in cards & self.on_cards.keys():
            for kind, ms in self.on_cards[card]:
                spent[kind] -= ms
                spent["own_card"] += ms


def whole_days(totals: Iterable[Total]) -> dict[date, WholeDay]:
    """Add up the totals of each day."""
    kinds: defaultdict[date, Counter[str]] = defaultdict(Counter)
    on_cards: defaultdict[date, defaultdict[EntityRef, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for total in totals:
        kind = kind_for(NO_CARDS, total)
        kinds[total.day][kind] += total.working_ms
        if total.entity and kind_for(frozenset({total.entity}), total) == "own_card":
            on_cards[total.day][total.entity].append((kind, total.working_ms))
    return {day: WholeDay(spent, on_cards[day]) for day, spent in kinds.items()}


@dataclass(frozen=True, slots=True)
class SpentTime:
    """A person's time: whole days, and pieces of those days of which windows take only a part."""

    zone: ZoneInfo
    days: Mapping[date, WholeDay]
    pieces: Mapping[date, Sequence[Judged]]

    def of(self, cards: Cards, window: Interval) -> TaskTime:
        """Split a window's working time by kind; time on the cards is `own_card`."""
        spent: Counter[str] = Counter()
        for day, part, whole in parts_of(window, self.zone):
            if whole:
                if day in self.days:
                    self.days[day].add_to(spent, cards)
            else:
                time = task_time(cards, self.pieces.get(day, ()), part)
                for kind in KINDS:
                    spent[kind] += getattr(time, kind)
        return TaskTime(**{kind: spent[kind] for kind in KINDS})


def parts_of(window: Interval, zone: ZoneInfo) -> Iterator[tuple[date, Interval, bool]]:
    """Cut a window into days: the day, its part, and whether that is the whole day."""
    if not window.ms:
        return
    for day in days_between(day_of(window.start_ms, zone), day_of(window.end_ms - 1, zone)):
        bounds = day_bounds(day, zone)
        whole = window.start_ms <= bounds.start_ms and bounds.end_ms <= window.end_ms
        yield day, bounds if whole else bounds.cut(window), whole


def partial_days(windows: Iterable[Interval], zone: ZoneInfo) -> frozenset[date]:
    """The days of which some window takes only a part."""
    return frozenset(day for window in windows for day, _, whole in parts_of(window, zone) if not whole)
