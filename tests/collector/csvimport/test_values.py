"""Cells become values or a reason."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.csvimport import values as v
from planwhy_shared.times import day_bounds, from_ms, rfc3339

MOSCOW = ZoneInfo("Europe/Moscow")


@given(st.integers(400_000_000_000, 4_000_000_000_000), st.sampled_from(["UTC", "Europe/Moscow", "America/New_York"]))
def test_an_instant_with_an_offset_is_the_same_in_every_zone(ms: int, zone: str) -> None:
    assert v.moment(rfc3339(ms, ZoneInfo(zone)), MOSCOW) == ms


def test_a_time_without_an_offset_is_the_persons_clock() -> None:
    assert from_ms(v.moment("2026-10-05 11:00", MOSCOW)).isoformat() == "2026-10-05T08:00:00+00:00"


def test_a_deadline_of_a_day_is_the_end_of_that_day_in_the_persons_zone() -> None:
    assert v.deadline("2026-10-05", MOSCOW) == (day_bounds(date(2026, 10, 5), MOSCOW).end_ms, True)
    assert v.deadline("2026-10-05T18:00:00+03:00", MOSCOW)[1] is False


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (v.day, "31.10.2026"), (v.day, "2026-02-30"), (v.day, "0001-01-01"), (v.day, "٢٠٢٦-10-01"),
        (v.amount, "-1"), (v.amount, "1,5"), (v.amount, "1e5"), (v.amount, "1.23456"), (v.amount, "9" * 30),
        (v.number, "nan"), (v.number, "inf"), (v.share, "1.01"), (v.target, "0"), (v.target, ""), (v.target, "-3"),
        (v.seconds, "86401"), (v.seconds, "1.5"), (v.boolean, "maybe"), (v.currency, "RU"), (v.currency, "руб"),
        (v.time_zone, "Mars/Olympus"), (v.time_zone, "../etc/passwd"), (v.time_zone, ""), (v.country, "XX"),
        (v.country, "RUS"), (v.email, "a b@c"), (v.email, "a@"), (v.identifier, "a\nb"), (v.identifier, "x" * 129),
        (v.name, ""), (v.text, "a\x07b"), (v.text, "x" * 501), (v.period, "2026-13"), (v.period, "1900-01"),
        (v.working_hours, "Mon 25:00-26:00"),
    ],
)  # fmt: skip
def test_what_is_not_a_value_gives_a_reason(parse: Callable[[str], Any], cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(cell)


def test_a_number_with_too_many_digits_is_told_the_limit() -> None:
    for parse in (v.number, v.target, v.amount):
        with pytest.raises(ValueError, match="more than 14 digits"):
            parse("100000000000000.5")


@pytest.mark.parametrize("cell", ["2026-10-05T25:00", "2026-W40-4", "20261005T100000", "2026-10-05T10:00:60Z", "now"])
def test_a_time_in_another_form_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"not a time|calendar"):
        v.moment(cell, MOSCOW)


def test_good_values_are_read() -> None:
    assert v.amount("1500.50") == Decimal("1500.50")
    assert (v.boolean("Да"), v.boolean("0")) == (True, False)
    assert (v.country("ru"), v.currency("rub"), v.email("A@X.ru")) == ("RU", "RUB", "a@x.ru")
    assert v.text("=cmd|' /C calc'!A0") == "=cmd|' /C calc'!A0"
