"""Working hours as text."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_shared.hours import DEFAULT, WorkingHours, parse_hours, parse_week
from planwhy_shared.times import HOUR_MS, total_ms

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_default_week_has_forty_hours() -> None:
    hours = parse_hours(DEFAULT)
    week = [hours.of_day(date(2026, 10, day), MOSCOW) for day in range(5, 12)]
    assert sum(total_ms(day) for day in week) == 40 * HOUR_MS
    assert week[5] == week[6] == ()


def test_several_groups_add_up() -> None:
    hours = parse_hours("Mon-Thu 09:00-18:00; Fri,Sat 10:00-14:00")
    assert total_ms(hours.of_day(date(2026, 10, 10), MOSCOW)) == 4 * HOUR_MS


def test_a_night_shift_over_the_spring_change_is_an_hour_shorter() -> None:
    hours = parse_hours("Sun 00:00-24:00")
    assert total_ms(hours.of_day(date(2026, 3, 29), BERLIN)) == 23 * HOUR_MS


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no day"),
        ("Mon-Fri", "no times"),
        ("Mon-Fri 18:00-09:00", "end after"),
        ("Fri-Mon 09:00-18:00", "backwards"),
        ("Mon 09:00-13:00,12:00-18:00", "overlap"),
        ("Moo 09:00-18:00", "not one of"),
        ("Mon 9-18", "not a time"),
        ("Mon 24:00-25:00", "not a time"),
    ],
)
def test_wrong_hours_are_refused_with_the_reason(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        parse_hours(text)


def test_a_week_without_hours_is_written_and_read_as_a_dash() -> None:
    free = parse_week("-")
    assert free.text() == "-"
    assert free.of_day(date(2026, 10, 5), MOSCOW) == ()
    with pytest.raises(ValueError, match="no times"):
        parse_hours("-")


@given(st.lists(st.lists(st.integers(0, 1440), max_size=6, unique=True), min_size=7, max_size=7))
def test_any_week_is_read_as_it_was_written(edges: list[list[int]]) -> None:
    days = [sorted(one)[: len(one) // 2 * 2] for one in edges]
    week = WorkingHours(tuple(tuple(zip(one[::2], one[1::2], strict=True)) for one in days))
    assert parse_week(week.text()) == week
