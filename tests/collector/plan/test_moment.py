"""Instants as people and scripts write them."""

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.moment import instant_of
from planwhy_shared.times import to_ms

MOSCOW = ZoneInfo("Europe/Moscow")
years = st.datetimes(datetime(2000, 1, 2), datetime(8999, 12, 30))  # noqa: DTZ001  hypothesis takes naive bounds
offsets = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(years, offsets)
def test_an_offset_counts_and_without_one_the_zone_does(when: datetime, offset: timezone) -> None:
    exact = when.replace(microsecond=0)
    assert instant_of(exact.replace(tzinfo=offset).isoformat(), MOSCOW) == to_ms(exact.replace(tzinfo=offset))
    assert instant_of(exact.isoformat(), MOSCOW) == to_ms(exact.replace(tzinfo=MOSCOW))


def test_of_a_day_the_clock_is_meant() -> None:
    first, last = instant_of("2026-10-05", MOSCOW), instant_of("2026-10-05", MOSCOW, time.max)
    assert first == instant_of("2026-10-05T00:00", MOSCOW)
    assert last - first == 24 * 3_600_000


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "1999-12-31", "9000-01-01", "2026-10-05T25:00", "9" * 99])
def test_anything_else_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^time '.{0,40}': expected such as 2026-10-05"):
        instant_of(text, MOSCOW)
