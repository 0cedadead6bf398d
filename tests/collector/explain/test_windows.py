"""Windows of working time: whole days from totals, parts of days from pieces, no day twice, clock changes too."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.overdue import TaskTime
from planwhy_collector.explain.windows import SpentTime, partial_days, parts_of, whole_days
from planwhy_collector.facts import EntityRef
from planwhy_collector.rollup.piece import Judged, Total
from planwhy_shared.times import HOUR_MS, Interval, day_bounds

BERLIN = ZoneInfo("Europe/Berlin")
SATURDAY = day_bounds(date(2026, 10, 24), BERLIN).start_ms
CARD = EntityRef("deal", "d1")
hours = st.integers(0, 24 * 5 * 60)


@given(hours, hours)
def test_the_days_of_a_window_cover_it_exactly(one: int, other: int) -> None:
    start, end = sorted((SATURDAY + one * HOUR_MS // 60, SATURDAY + other * HOUR_MS // 60))
    parts = list(parts_of(Interval(start, end), BERLIN))
    assert sum(part.ms for _, part, _ in parts) == end - start
    assert all(a[1].end_ms == b[1].start_ms for a, b in pairwise(parts))


def test_the_day_of_a_clock_change_is_whole_with_25_hours() -> None:
    window = Interval(SATURDAY + HOUR_MS, SATURDAY + 24 * HOUR_MS + 25 * HOUR_MS + HOUR_MS)
    assert [whole for _, _, whole in parts_of(window, BERLIN)] == [False, True, False]
    assert partial_days([window], BERLIN) == {date(2026, 10, 24), date(2026, 10, 26)}


def test_whole_days_come_from_totals_and_parts_from_pieces() -> None:
    monday = date(2026, 10, 26)
    noon = day_bounds(monday, BERLIN).start_ms + 12 * HOUR_MS
    days = whole_days([Total(date(2026, 10, 25), "active", "work", None, "sales", CARD, HOUR_MS, 7)])
    pieces = {monday: [Judged(noon - HOUR_MS, noon + HOUR_MS, "none", 0, True, None, None, None, None)]}
    window = Interval(SATURDAY + 24 * HOUR_MS, noon)
    spent = SpentTime(BERLIN, days, pieces)
    assert spent.of(frozenset({CARD}), window) == TaskTime(own_card=HOUR_MS, unrecorded=HOUR_MS)
    assert spent.of(frozenset(), window) == TaskTime(sales=HOUR_MS, unrecorded=HOUR_MS)
