"""Intervals and days: properties on random input, and the days on which clocks are changed."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from planwhy_shared.times import (
    HOUR_MS,
    Interval,
    day_bounds,
    day_of,
    from_ms,
    intersected,
    merged,
    rfc3339,
    subtracted,
    to_ms,
    total_ms,
)

intervals = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60)).map(lambda t: Interval(t[0], t[0] + t[1])), max_size=12
)


def covered(parts: tuple[Interval, ...] | list[Interval]) -> set[int]:
    return {point for part in parts for point in range(part.start_ms, part.end_ms)}


@given(intervals, intervals)
def test_set_operations_agree_with_sets_of_points(left: list[Interval], right: list[Interval]) -> None:
    assert covered(merged(left)) == covered(left)
    assert covered(intersected(left, right)) == covered(left) & covered(right)
    assert covered(subtracted(left, right)) == covered(left) - covered(right)


@given(intervals)
def test_merged_intervals_never_overlap_or_touch(parts: list[Interval]) -> None:
    joined = merged(parts)
    assert total_ms(joined) == len(covered(parts))
    assert all(a.end_ms < b.start_ms for a, b in pairwise(joined))


def test_days_of_a_clock_change_have_23_and_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert day_bounds(date(2026, 3, 29), berlin).ms == 23 * HOUR_MS
    assert day_bounds(date(2026, 10, 25), berlin).ms == 25 * HOUR_MS


@given(st.integers(0, 4_000_000_000_000))
def test_an_instant_lies_in_its_own_day_and_survives_the_text(ms: int) -> None:
    zone = ZoneInfo("Asia/Yekaterinburg")
    bounds = day_bounds(day_of(ms, zone), zone)
    assert bounds.start_ms <= ms < bounds.end_ms
    assert to_ms(from_ms(ms, zone)) == ms
    assert to_ms(from_ms(ms).fromisoformat(rfc3339(ms, zone))) == ms
