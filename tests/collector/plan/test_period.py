"""The period just before one: months before months, quarters before quarters, as many days before the rest."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.plan.period import Period, parse_period, previous


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026-12", "2026-11"),
        ("2027-01", "2026-12"),
        ("2026-12-01..2026-12-31", "2026-11"),
        ("2026-Q1", "2025-Q4"),
        ("2026-W50", "2026-11-30..2026-12-06"),
        ("2026-12-03..2026-12-05", "2026-11-30..2026-12-02"),
    ],
)
def test_the_period_before(text: str, before: str) -> None:
    found = previous(parse_period(text))
    assert (found.first, found.last) == (parse_period(before).first, parse_period(before).last)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 300))
def test_the_period_before_ends_on_the_day_before(first: date, days: int) -> None:
    period = Period("x", first, first + timedelta(days=days))
    found = previous(period)
    assert found.last == first - timedelta(days=1) and found.first <= found.last
